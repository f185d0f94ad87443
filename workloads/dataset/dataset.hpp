#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "workloads/dataset/picture.hpp"
#include "workloads/graph/network.hpp"

namespace octet::workloads {

// Pictures that are decoded when they are asked for. Reading is safe from several threads at once.
class PictureSource {
 public:
  virtual ~PictureSource() = default;
  [[nodiscard]] virtual Picture read(long index) const = 0;
  // What tells a picture from the others of the set: "CLASS/FILE".
  [[nodiscard]] virtual std::string name(long index) const = 0;
  // Of the file it is read from. Throws octet::Error where that is gone.
  [[nodiscard]] virtual std::uint64_t file_bytes(long index) const = 0;
};

// A labelled set of byte images, channels last: in memory, or decoded on demand from a source.
struct Dataset {
  Shape shape;                                  // of every image as the network sees it
  std::vector<std::uint8_t> pixels;             // [images][height][width][channels], or empty
  std::vector<std::uint16_t> labels;            // [images], each below the network's classes
  std::shared_ptr<const PictureSource> source;  // null where all is in `pixels`
  [[nodiscard]] long images() const { return static_cast<long>(labels.size()); }

  // Image `index` as it is tested: the stored one, or the centre of a decoded picture brought to
  // `shape`. `out` holds shape.elements() bytes. Throws octet::Error where a file is damaged.
  void read(long index, std::span<std::uint8_t> out) const;
  // A part of image `index`, brought to `shape`. `choose` is given the size of the stored or
  // decoded picture and says which part.
  using ChoosePart = std::function<Rect(const Shape& picture)>;
  void read_part(long index, const ChoosePart& choose, std::span<std::uint8_t> out) const;
};

struct Datasets {
  Dataset train, test;
};

// Reads what `network` needs from `directory` (its own default where empty) and checks it against
// the network: counts, sizes, labels. IDX and CIFAR-10 files may be gzip-compressed or not; of an
// image folder only the names are read here. Throws octet::Error.
[[nodiscard]] Datasets read_datasets(const Network& network, const std::string& directory);

}  // namespace octet::workloads
