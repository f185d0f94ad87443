#include "model/trainer/loader.hpp"

#include <algorithm>
#include <utility>

#include "common/error.hpp"
#include "model/quant/random_bits.hpp"
#include "model/trainer/augment.hpp"

namespace octet::model {
namespace {

using workloads::Augment;

// Bits that one image takes of the augmentation's stream.
std::size_t bits_an_image(Augment augment) {
  switch (augment) {
    case Augment::kNone:
      return 0;
    case Augment::kCropFlip:
      return kCropFlipBits;
    case Augment::kResizedCrop:
      return kResizedCropBits;
  }
  return 0;
}

// Copying is over before a thread has woken; decoding and resizing are worth sharing out.
int useful_threads(const workloads::Dataset& data, Augment augment, int threads) {
  return data.source != nullptr || augment == Augment::kResizedCrop ? threads : 1;
}

}  // namespace

std::vector<std::int32_t> shuffled(std::int64_t images, std::uint32_t seed, std::uint32_t epoch) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(images));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
  std::vector<std::uint16_t> bits(2 * order.size());
  fill_random_bits({seed, epoch, kShuffleStream}, 0, bits.data(), bits.size());
  for (std::size_t i = order.size() - 1; i > 0; --i) {
    const std::uint64_t word = bits[2 * i] | (std::uint64_t{bits[2 * i + 1]} << 16);
    std::swap(order[i], order[static_cast<std::size_t>((word * (i + 1)) >> 32)]);
  }
  return order;
}

BatchLoader::BatchLoader(const workloads::Dataset& data, const workloads::DatasetSpec& spec,
                         int batch, std::uint32_t seed, int threads)
    : data_(data),
      spec_(spec),
      seed_(seed),
      pool_(useful_threads(data, spec.augment, threads)),
      pixels_(static_cast<std::size_t>(data.shape.elements() * batch)),
      labels_(static_cast<std::size_t>(batch)) {
  if (steps() == 0)
    throw input_error("training data", "images", std::to_string(data.images()),
                      "at least one batch of " + std::to_string(batch));
}

long BatchLoader::steps() const { return data_.images() / static_cast<long>(labels_.size()); }

BatchLoader::Batch BatchLoader::load(std::uint32_t epoch, long step) {
  if (order_.empty() || epoch != epoch_) order_ = shuffled(data_.images(), seed_, epoch);
  epoch_ = epoch;
  first_ = static_cast<std::size_t>(step) * labels_.size();
  const std::size_t each = bits_an_image(spec_.augment);
  std::vector<std::uint16_t> bits(each * labels_.size());
  fill_random_bits({seed_, epoch, kAugmentStream}, each * first_, bits.data(), bits.size());
  pool_.split(std::ssize(labels_), 1, [&](std::int64_t begin, std::int64_t end, int) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      fill(i, std::span(bits).subspan(i * each, each));
  });
  return {pixels_, labels_};
}

void BatchLoader::fill(std::size_t i, std::span<const std::uint16_t> bits) {
  const auto image = static_cast<std::size_t>(data_.shape.elements());
  const std::int32_t from = order_[first_ + i];
  const std::span<std::uint8_t> out = std::span(pixels_).subspan(i * image, image);
  labels_[i] = data_.labels[static_cast<std::size_t>(from)];
  switch (spec_.augment) {
    case Augment::kNone:
      data_.read(from, out);
      return;
    case Augment::kCropFlip: {
      const Crop crop = choose_crop(bits.first<kCropFlipBits>(), spec_.pad);
      std::vector<std::uint8_t> decoded;
      std::span<const std::uint8_t> whole;
      if (data_.source == nullptr) {
        whole = std::span(data_.pixels).subspan(static_cast<std::size_t>(from) * image, image);
      } else {
        decoded.resize(image);
        data_.read(from, decoded);
        whole = decoded;
      }
      crop_flip(whole, data_.shape, spec_.pad, crop, out);
      return;
    }
    case Augment::kResizedCrop: {
      const auto own = bits.first<kResizedCropBits>();
      data_.read_part(
          from, [&](const workloads::Shape& picture) { return choose_part(own, picture); }, out);
      if (choose_mirror(own)) mirror(data_.shape, out);
      return;
    }
  }
}

TestLoader::TestLoader(const workloads::Dataset& data, int batch, int threads)
    : data_(data),
      batch_(static_cast<std::size_t>(batch)),
      pool_(useful_threads(data, Augment::kNone, threads)) {}

long TestLoader::steps() const {
  return static_cast<long>((data_.labels.size() + batch_ - 1) / batch_);
}

BatchLoader::Batch TestLoader::load(long step) {
  const auto image = static_cast<std::size_t>(data_.shape.elements());
  const std::size_t first = static_cast<std::size_t>(step) * batch_;
  const std::size_t count = std::min(batch_, data_.labels.size() - first);
  const auto labels = std::span(data_.labels).subspan(first, count);
  if (data_.source == nullptr)
    return {std::span(data_.pixels).subspan(first * image, count * image), labels};
  pixels_.resize(count * image);
  pool_.split(static_cast<std::int64_t>(count), 1, [&](std::int64_t begin, std::int64_t end, int) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      data_.read(static_cast<long>(first + i), std::span(pixels_).subspan(i * image, image));
  });
  return {pixels_, labels};
}

}  // namespace octet::model
