# SPDX-License-Identifier: MIT
# embed.cmake: the file FROM as a C array NAME_image in TO.
file(READ ${FROM} digits HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${digits}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes
  "${bytes}")
file(WRITE ${TO} "/* Made from ${FROM}. */\n#include <stddef.h>\nextern const unsigned char ${NAME}_image[];\n"
  "extern const size_t ${NAME}_image_bytes;\nconst unsigned char ${NAME}_image[] = {\n${bytes}\n};\n"
  "const size_t ${NAME}_image_bytes = sizeof ${NAME}_image;\n")
