#!/usr/bin/env python3
"""Shows how a function of an object file reaches a symbol that nobody should reach.

Usage: tests/panic_paths.py OBJECT SYMBOL EXPORT...

For each export that reaches SYMBOL it prints a shortest way there, as the linker's --gc-sections
sees it: from the section of a function to the sections that its relocations name. At the end stand
the last of our functions and crates' functions before core's panic machinery, each with the number
of exports that reach it, for one mended site often mends many exports.
"""

import collections
import re
import struct
import subprocess
import sys

# Functions of core, and the panic handler.
MACHINERY = re.compile(r"^_ZN4core|^_R[^C]*Cs?[0-9a-zA-Z]*_4core|rust_begin_unwind")

SHT_SYMTAB, SHT_RELA, SHT_REL = 2, 4, 9


class Elf:
    """Sections, symbols and relocations of a little-endian relocatable object."""

    def __init__(self, path):
        self.data = open(path, "rb").read()
        if self.data[:4] != b"\x7fELF" or self.data[5] != 1:
            sys.exit(f"{path}: not a little-endian ELF object")
        self.wide = self.data[4] == 2
        at, header = (40, "<Q") if self.wide else (32, "<I")
        start = struct.unpack_from(header, self.data, at)[0]
        size, count = struct.unpack_from("<HH", self.data, 58 if self.wide else 46)
        form = "<IIQQQQIIQQ" if self.wide else "<IIIIIIIIII"
        # name, type, flags, address, offset, size, link, info, alignment, entry size
        starts = range(start, start + size * count, size)
        self.sections = [struct.unpack_from(form, self.data, at) for at in starts]
        self.symbols = []
        for section in self.sections:
            if section[1] == SHT_SYMTAB:
                self.symbols = list(self._symbols(section))

    def _entries(self, section, form):
        for at in range(section[4], section[4] + section[5], section[9]):
            yield struct.unpack_from(form, self.data, at)

    def _symbols(self, section):
        """(name, section index, value) of each symbol; a section's own symbol has no name."""
        strings = self.sections[section[6]][4]
        for entry in self._entries(section, "<IBBHQQ" if self.wide else "<IIIBBH"):
            index, value = (entry[3], entry[4]) if self.wide else (entry[5], entry[1])
            begin = strings + entry[0]
            yield self.data[begin : self.data.index(0, begin)].decode(), index, value

    def references(self):
        """(section index, symbol number, addend) of each relocation."""
        for section in self.sections:
            if section[1] not in (SHT_RELA, SHT_REL):
                continue
            extra = "q" if self.wide else "i"
            form = ("<QQ" if self.wide else "<II") + (extra if section[1] == SHT_RELA else "")
            for entry in self._entries(section, form):
                addend = entry[2] if extra in form else self.word(section[7], entry[0])
                yield section[7], entry[1] >> (32 if self.wide else 8), addend

    def word(self, index, offset):
        return struct.unpack_from("<i", self.data, self.sections[index][4] + offset)[0]


def graph_of(elf):
    """Nodes are section numbers; an undefined symbol is a node of its own, its name."""
    name_of, edges, addends = {}, collections.defaultdict(set), {}
    for name, index, _ in elf.symbols:
        # Arm's mapping symbols name no function.
        if index and name and not name.startswith("$"):
            name_of.setdefault(index, name)
    for source, number, addend in elf.references():
        name, index, value = elf.symbols[number]
        edges[source].add(index if index else name)
        addends[source] = value + addend
    return name_of, edges, addends


def path_to(edges, start, goal):
    before, queue = {start: None}, collections.deque([start])
    while queue:
        node = queue.popleft()
        if node == goal:
            path = []
            while node is not None:
                path.append(node)
                node = before[node]
            return path[::-1]
        for following in sorted(edges[node], key=str):
            if following not in before:
                before[following] = node
                queue.append(following)
    return None


def reached_from(edges, start):
    seen, stack = {start}, [start]
    while stack:
        for following in edges[stack.pop()] - seen:
            seen.add(following)
            stack.append(following)
    return seen


def readable(names):
    """Names without the compiler's encoding and hashes."""
    run = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True)
    return [re.sub(r"::h[0-9a-f]{16}$", "", name) for name in run.stdout.split("\n")]


def locations(elf, edges, addends):
    """Which sections are a core::panic::Location, and what they say."""
    found = {}
    size, form = (24, "<QQII") if elf.wide else (16, "<IIII")
    for index, section in enumerate(elf.sections):
        files = [to for to in edges[index] if not isinstance(to, str)]
        if section[5] != size or len(files) != 1:
            continue
        _, length, line, column = struct.unpack_from(form, elf.data, section[4])
        begin = elf.sections[files[0]][4] + addends[index]
        text = elf.data[begin : begin + length]
        if text.endswith(b".rs"):
            file = re.sub(r".*/(registry/src/[^/]*|rustc/[0-9a-f]*|library)/", "", text.decode())
            found[index] = f"{file}:{line}:{column}"
    return found


def main(path, goal, *exports):
    elf = Elf(path)
    name_of, edges, addends = graph_of(elf)
    section_of = {name: index for name, index, _ in elf.symbols if index}
    to_goal = {node for node in list(edges) if goal in reached_from(edges, node)}
    places = locations(elf, edges, addends)
    reached = collections.Counter()
    for export in exports:
        nodes = path_to(edges, section_of[export], goal)
        if nodes is None:
            continue
        names = [n if isinstance(n, str) else name_of.get(n, "?") for n in nodes]
        print("\n    ".join(readable(names)))
        reached.update(reached_from(edges, section_of[export]) & to_goal)

    print("\nexports, function, where it may panic:")
    machinery = {n for n in to_goal if MACHINERY.search(name_of.get(n, ""))}
    for node, count in reached.most_common():
        panics = edges[node] & (machinery | {goal})
        if node in machinery or not panics:
            continue
        print(f"{count:4d} {readable([name_of[node]])[0]}")
        for place in sorted(places[n] for n in edges[node] if n in places):
            print(f"          {place}")
        if not edges[node] & places.keys():
            print(f"          {readable([name_of.get(n, str(n)) for n in panics])}")


if __name__ == "__main__":
    main(*sys.argv[1:])
