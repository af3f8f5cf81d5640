/* start_cortex_m.c: the vector table of a Cortex-M, and its first instructions. */
#include <stdint.h>

extern uint8_t __stack_top[];
_Noreturn void start_in_c(void);
_Noreturn void start_fault(void);
_Noreturn void start(void);

#define CPACR (*(volatile uint32_t *)0xe000ed88u) /* who may use the floating-point unit */

_Noreturn void start(void)
{
#ifdef __ARM_FP
    CPACR |= 0xfu << 20;
    __asm__ volatile("dsb\nisb");
#endif
    start_in_c();
}

__attribute__((section(".start"), used)) static const struct {
    void *stack;
    void (*handlers[15])(void);
} vectors = {__stack_top,
             {start, start_fault, start_fault, start_fault, start_fault, start_fault, start_fault,
              start_fault, start_fault, start_fault, start_fault, start_fault, start_fault,
              start_fault, start_fault}};
