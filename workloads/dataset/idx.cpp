#include "workloads/dataset/idx.hpp"

#include <cstddef>
#include <utility>

#include "common/error.hpp"
#include "common/file.hpp"
#include "workloads/dataset/readers.hpp"

namespace octet::workloads {

namespace {

constexpr long kMagicLabels = 0x0801;
constexpr long kMagicImages = 0x0803;

// One file in memory and what its errors need.
struct IdxFile {
  std::string path;
  std::vector<std::uint8_t> bytes;

  [[nodiscard]] long word(std::size_t index) const {
    long value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | bytes[4 * index + i];
    return value;
  }
  [[nodiscard]] Error error(const std::string& field, long found,
                            const std::string& expected) const {
    return input_error(path, field, std::to_string(found), expected);
  }
};

IdxFile open_idx(const std::string& path, long magic) {
  IdxFile file{path, read_maybe_gzip(path)};
  const long size = static_cast<long>(file.bytes.size());
  const long header = 4 * (1 + (magic & 0xFF));
  if (size < header) {
    throw file.error("length", size, "at least the " + std::to_string(header) + " header bytes");
  }
  if (file.word(0) != magic) throw file.error("magic", file.word(0), std::to_string(magic));
  return file;
}

// The file without its header, which must say how long the file is.
std::vector<std::uint8_t> take_body(IdxFile file, const char* what, long header_bytes,
                                    long item_bytes) {
  const long count = file.word(1);
  if (count == 0) throw file.error(what, 0, "at least 1");
  const long length = header_bytes + count * item_bytes;
  const long size = static_cast<long>(file.bytes.size());
  if (size != length) {
    throw file.error("length", size,
                     std::to_string(length) + " bytes for " + std::to_string(count) + " " + what +
                         (size < length ? " (the file is truncated)" : " (bytes trail)"));
  }
  file.bytes.erase(file.bytes.begin(), file.bytes.begin() + header_bytes);
  return std::move(file.bytes);
}

}  // namespace

std::vector<std::uint8_t> read_idx_images(const std::string& path, const Shape& shape) {
  IdxFile file = open_idx(path, kMagicImages);
  const auto check = [&file](const char* field, long found, int expected) {
    if (found == expected) return;
    throw file.error(field, found, "the network's " + std::to_string(expected));
  };
  check("height", file.word(2), shape.height);
  check("width", file.word(3), shape.width);
  return take_body(std::move(file), "images", 16, long{shape.height} * shape.width);
}

std::vector<std::uint16_t> read_idx_labels(const std::string& path, int classes) {
  const std::vector<std::uint8_t> labels = take_body(open_idx(path, kMagicLabels), "labels", 8, 1);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < classes) continue;
    throw input_error(path, "labels[" + std::to_string(i) + "]", std::to_string(labels[i]),
                      "0 to " + std::to_string(classes - 1) + ", the network's classes");
  }
  return {labels.begin(), labels.end()};
}

namespace {

Dataset read_part(const Network& network, const std::string& folder, const std::string& part) {
  const std::string images = find_file(folder, part + "-images-idx3-ubyte");
  const std::string labels = find_file(folder, part + "-labels-idx1-ubyte");
  Dataset set;
  set.shape = network.input().out;
  set.pixels = read_idx_images(images, set.shape);
  set.labels = read_idx_labels(labels, network.classes);
  const long count = static_cast<long>(set.pixels.size()) / set.shape.elements();
  if (set.images() != count) {
    throw input_error(labels, "labels", std::to_string(set.images()) + " labels",
                      std::to_string(count) + ", one for each image of " + images);
  }
  return set;
}

}  // namespace

void check_idx_network(const Network& network) {
  const int channels = network.input().out.channels;
  if (channels == 1) return;
  throw input_error(network.file, "input.channels", std::to_string(channels),
                    "1: an IDX image has one channel");
}

Datasets read_idx(const Network& network, const std::string& folder) {
  return {read_part(network, folder, "train"), read_part(network, folder, "t10k")};
}

}  // namespace octet::workloads
