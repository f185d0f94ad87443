#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "workloads/dataset/picture.hpp"

namespace octet::workloads {

// Decodes a baseline or progressive JPEG image to RGB; a grey one has three equal channels. Throws
// octet::Error that names `path` where the data are damaged or cut short (nothing is filled in),
// have four colours, or more than 2^26 pixels.
[[nodiscard]] Picture decode_jpeg(const std::string& path, std::span<const std::uint8_t> bytes);

}  // namespace octet::workloads
