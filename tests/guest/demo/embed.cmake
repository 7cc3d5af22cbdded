# SPDX-License-Identifier: MIT
# embed.cmake: the file FROM as a C array in TO.
file(READ ${FROM} digits HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${digits}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes
  "${bytes}")
file(WRITE ${TO} "/* Made from ${FROM}. */\n#include <stddef.h>\nextern const unsigned char demo_image[];\n"
  "extern const size_t demo_image_bytes;\nconst unsigned char demo_image[] = {\n${bytes}\n};\n"
  "const size_t demo_image_bytes = sizeof demo_image;\n")
