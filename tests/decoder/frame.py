"""The one zstd frame of a compressed block: section 3.1.2 of docs/FORMAT.md; RFC 8878, 3.1.1."""

from dataclasses import dataclass

import zstandard

from notation import BadFrame, OverLimit


@dataclass
class Frame:
    content_size: int
    window_size: int
    has_checksum: bool
    size: int


def parse_frame(data, rule):
    """Reads the frame header and walks over the blocks to the frame's end; decompresses nothing."""
    def need(size):
        if len(data) < size:
            raise BadFrame(rule, "the frame is cut off")

    def number(at, size):
        need(at + size)
        return int.from_bytes(data[at:at + size], "little")

    if data[0:4] != b"\x28\xb5\x2f\xfd":
        raise BadFrame(rule, "no zstd frame begins here")
    descriptor = number(4, 1)
    content_size_flag, single_segment = descriptor >> 6, descriptor >> 5 & 1
    if descriptor & 0x08:
        raise BadFrame(rule, "the reserved bit is set")
    if descriptor & 0x03:
        raise BadFrame(rule, "the frame has a dictionary id")
    at, window = 5, None
    if not single_segment:
        byte = number(at, 1)
        base = 1 << (10 + (byte >> 3))
        window = base + base // 8 * (byte & 7)
        at += 1
    size = {0: single_segment, 1: 2, 2: 4, 3: 8}[content_size_flag]
    if size == 0:
        raise BadFrame(rule, "the frame has no content size")
    content_size = number(at, size) + (256 if size == 2 else 0)
    at += size

    last = 0
    while not last:                                                     # RFC 8878, 3.1.1.2: blocks
        header = number(at, 3)
        last, block_type, block_size = header & 1, header >> 1 & 3, header >> 3
        if block_type == 3:
            raise BadFrame(rule, "reserved block type")
        at += 3 + (1 if block_type == 1 else block_size)                # RLE stores one byte
    at += 4 * (descriptor >> 2 & 1)                                     # the frame's own checksum
    need(at)
    return Frame(content_size, content_size if single_segment else window,
                 bool(descriptor & 0x04), at)


def decompress(data, rule, policy, content_size=None, window=None):
    """[B9], and [L3], [L4] of version 1, where neither content size nor window is known before."""
    frame = parse_frame(data, rule)
    if frame.size != len(data):
        raise BadFrame(rule, f"{len(data) - frame.size} bytes after the frame")
    if content_size is not None and frame.content_size != content_size:
        raise BadFrame(rule, f"content size {frame.content_size}, not {content_size}")
    if frame.content_size > policy.max_block:
        raise OverLimit("L4", f"content size {frame.content_size}")
    if window is not None and frame.window_size != window:
        raise BadFrame(rule, f"window {frame.window_size}, not {window}")
    if frame.window_size > policy.max_window:
        raise OverLimit("L4", f"window of {frame.window_size} bytes")
    try:
        plain = zstandard.ZstdDecompressor().decompress(data, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise BadFrame(rule, str(error)) from error
    if len(plain) != frame.content_size:
        raise BadFrame(rule, "the frame holds less than its content size")
    return plain
