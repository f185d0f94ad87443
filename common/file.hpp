#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace octet {

// Writes the whole text under `path`, or leaves what was there: a temporary file beside it, flushed
// to disk, then renamed. Throws octet::Error that names the path and the reason (a full disk, ...).
// A link is followed; a device or a pipe is written in place.
void write_file(const std::string& path, const std::string& text);
// The file that a path names once links are followed; the path itself where there is none.
[[nodiscard]] std::string behind_links(const std::string& path);
// Why write_file could not even begin at `path`, an errno; 0 where it could.
[[nodiscard]] int why_not_writable(const std::string& path);
// Throws octet::Error, on what is no UTF-8 too.
[[nodiscard]] std::string read_text_file(const std::string& path);
// The bytes of a file, unpacked if it is gzip. Throws octet::Error on a missing or damaged file,
// and on one that unpacks to more than `max_bytes`: a few kilobytes of gzip can fill any memory.
[[nodiscard]] std::vector<std::uint8_t> read_maybe_gzip(const std::string& path,
                                                        std::size_t max_bytes = std::size_t{1}
                                                                                << 33);

}  // namespace octet
