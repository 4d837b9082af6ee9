"""shrink_png.py FILE...: the same pictures with at most 256 colours, which takes a third of the space.

For 8-bit RGB and RGBA, as gnuplot's cairo terminal writes them. Colours are exact where there are no more than 256;
otherwise their last bits are dropped. Needs nothing but Python.
"""
import struct
import sys
import zlib


def chunks(png):
    at = 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def paeth(left, above, corner):
    p = left + above - corner
    nearest = min(abs(p - left), abs(p - above), abs(p - corner))
    return left if nearest == abs(p - left) else above if nearest == abs(p - above) else corner


def unfiltered(data, stride, step):
    """The rows of pixels behind PNG's filters."""
    above = bytearray(stride)
    for begin in range(0, len(data), stride + 1):
        kind, row = data[begin], bytearray(data[begin + 1 : begin + 1 + stride])
        for i in range(stride if kind else 0):
            left, corner = (row[i - step], above[i - step]) if i >= step else (0, 0)
            row[i] = (row[i] + (0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[kind]) % 256
        yield row
        above = row


def indexed(pixels):
    """A palette of at most 256 colours, and the number in it of every pixel."""
    for dropped in range(8):
        # 0 and 255 stay, so that white is white
        level = bytes(round((value >> dropped) * 255 / (255 >> dropped)) for value in range(256))
        few = [[pixel.translate(level) for pixel in row] for row in pixels]
        palette = sorted({pixel for row in few for pixel in row})
        if len(palette) <= 256:
            number = {colour: i for i, colour in enumerate(palette)}
            return palette, [bytes(number[pixel] for pixel in row) for row in few]


def shrink(path):
    with open(path, "rb") as file:
        parts = list(chunks(file.read()))
    width, height, bits, kind = struct.unpack(">IIBB", parts[0][1][:10])
    assert bits == 8 and kind in (2, 6), path + " is neither 8-bit RGB nor RGBA"
    step = 3 if kind == 2 else 4
    data = zlib.decompress(b"".join(content for name, content in parts if name == b"IDAT"))
    rows = unfiltered(data, width * step, step)
    palette, numbers = indexed([[bytes(row[i : i + 3]) for i in range(0, len(row), step)] for row in rows])
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for name, content in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", b"".join(palette)),
            (b"IDAT", zlib.compress(b"".join(b"\0" + row for row in numbers), 9)),
            (b"IEND", b""),
        ):
            file.write(struct.pack(">I", len(content)) + name + content)
            file.write(struct.pack(">I", zlib.crc32(name + content)))


for name in sys.argv[1:]:
    shrink(name)
