# cmake -DINPUT=template.html -DOUTPUT=template.cpp -P embed.cmake
# Writes the bytes of INPUT as a C++ array: no length limit of string literals, no escaping.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "// Written by reports/embed.cmake from reports/template.html; do not edit.
#include \"reports/template.hpp\"

namespace octet::reports {
namespace {
constexpr unsigned char kBytes[] = {
${bytes}
};
}  // namespace

std::string_view page_template() {
  return {reinterpret_cast<const char*>(kBytes), sizeof kBytes};
}

}  // namespace octet::reports
")
