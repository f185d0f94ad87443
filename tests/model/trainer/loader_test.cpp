#include "model/trainer/loader.hpp"

#include <gtest/gtest.h>

#include "common/error.hpp"
#include "model/quant/random_bits.hpp"
#include "model/trainer/augment.hpp"
#include "tests/common/expect_error.hpp"

namespace octet::model {
namespace {

using workloads::Augment;
using workloads::Dataset;
using workloads::DatasetSpec;
using workloads::Picture;
using workloads::Shape;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kSeed = 11;

DatasetSpec spec(Augment augment) {
  DatasetSpec own;
  own.augment = augment;
  own.pad = augment == Augment::kCropFlip ? 3 : 0;
  return own;
}

std::uint8_t noise(std::uint32_t image, std::uint64_t i) {
  return static_cast<std::uint8_t>(random_bits({5, image, 1}, i));
}

Dataset in_memory(int images) {
  Dataset set;
  set.shape = {6, 5, 3};
  for (int n = 0; n < images; ++n) {
    set.labels.push_back(static_cast<std::uint16_t>(300 + n));
    for (std::uint64_t i = 0; i < 90; ++i)
      set.pixels.push_back(noise(static_cast<std::uint32_t>(n), i));
  }
  return set;
}

// Pictures of many sizes, made up when they are asked for; number 7 may be damaged.
class Pictures final : public workloads::PictureSource {
 public:
  explicit Pictures(bool damaged = false) : damaged_(damaged) {}
  [[nodiscard]] Picture read(long index) const override {
    if (damaged_ && index == 7) throw Error("picture 7: found nothing, expected a picture");
    Picture picture;
    picture.shape = {3 + static_cast<int>(index % 11), 2 + static_cast<int>(index % 17), 3};
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(picture.shape.elements()); ++i)
      picture.pixels.push_back(noise(static_cast<std::uint32_t>(index), i));
    return picture;
  }
  [[nodiscard]] std::string name(long index) const override { return std::to_string(index); }
  [[nodiscard]] std::uint64_t file_bytes(long) const override { return 0; }

 private:
  bool damaged_;
};

Dataset on_demand(int images, bool damaged = false) {
  Dataset set = in_memory(images);
  set.pixels.clear();
  set.source = std::make_shared<Pictures>(damaged);
  return set;
}

Bytes bytes_of(const BatchLoader::Batch& batch) {
  return {batch.pixels.begin(), batch.pixels.end()};
}

TEST(BatchLoader, TheImagesOfTheEpochsOrder) {
  const Dataset data = in_memory(23);
  BatchLoader loader(data, spec(Augment::kNone), 5, kSeed, 1);
  EXPECT_EQ(loader.steps(), 4);
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
    const auto order = shuffled(23, kSeed, epoch);
    for (long step = 0; step < 4; ++step) {
      const BatchLoader::Batch batch = loader.load(epoch, step);
      ASSERT_EQ(batch.labels.size(), 5U);
      ASSERT_EQ(batch.pixels.size(), 5U * 90);
      for (std::size_t i = 0; i < 5; ++i) {
        const auto from = static_cast<std::uint32_t>(order[static_cast<std::size_t>(step) * 5 + i]);
        ASSERT_EQ(batch.labels[i], 300 + from);
        for (std::uint64_t k = 0; k < 90; ++k) ASSERT_EQ(batch.pixels[i * 90 + k], noise(from, k));
      }
    }
  }
}

// Bits one by one and pixels by the page's formula.
TEST(BatchLoader, CropAndFlip) {
  const Dataset data = in_memory(40);
  BatchLoader loader(data, spec(Augment::kCropFlip), 7, kSeed, 1);
  const std::uint32_t epoch = 2;
  const auto order = shuffled(40, kSeed, epoch);
  for (long step = 0; step < loader.steps(); ++step) {
    const BatchLoader::Batch batch = loader.load(epoch, step);
    for (std::size_t n = 0; n < 7; ++n) {
      const std::size_t p = static_cast<std::size_t>(step) * 7 + n;
      const auto r = [&](std::uint64_t k) {
        return static_cast<int>(random_bits({kSeed, epoch, 65529}, 4 * p + k));
      };
      const int y = r(0) * 7 / 65536;
      const int x = r(1) * 7 / 65536;
      const bool mirrored = r(2) >= 32768;
      for (int i = 0; i < 6; ++i)
        for (int j = 0; j < 5; ++j)
          for (int c = 0; c < 3; ++c) {
            const int row = i + y - 3;
            const int column = (mirrored ? 4 - j : j) + x - 3;
            const bool inside = row >= 0 && row < 6 && column >= 0 && column < 5;
            const int expected = inside
                                     ? noise(static_cast<std::uint32_t>(order[p]),
                                             static_cast<std::uint64_t>((row * 5 + column) * 3 + c))
                                     : 0;
            ASSERT_EQ(batch.pixels[n * 90 + static_cast<std::size_t>((i * 5 + j) * 3 + c)],
                      expected)
                << "position " << p;
          }
    }
  }
}

TEST(BatchLoader, ResizedCropsOfPictures) {
  const Dataset data = on_demand(30);
  BatchLoader loader(data, spec(Augment::kResizedCrop), 30, kSeed, 2);
  const auto order = shuffled(30, kSeed, 1);
  const BatchLoader::Batch batch = loader.load(1, 0);
  for (std::size_t p = 0; p < 30; ++p) {
    std::array<std::uint16_t, kResizedCropBits> bits{};
    fill_random_bits({kSeed, 1, 65529}, 64 * p, bits.data(), bits.size());
    const Picture picture = Pictures().read(order[p]);
    Bytes expected(90);
    workloads::resize(picture.pixels, picture.shape, choose_part(bits, picture.shape), data.shape,
                      expected);
    if (bits[0] >= 32768) mirror(data.shape, expected);
    const auto found = batch.pixels.subspan(p * 90, 90);
    ASSERT_EQ(Bytes(found.begin(), found.end()), expected) << "position " << p;
  }
}

// Whatever the number of threads, and whatever was loaded before.
TEST(BatchLoader, ABatchIsAFunctionOfSeedEpochAndStep) {
  for (const bool files : {false, true})
    for (const Augment augment : {Augment::kNone, Augment::kCropFlip, Augment::kResizedCrop}) {
      const Dataset data = files ? on_demand(50) : in_memory(50);
      BatchLoader one(data, spec(augment), 8, kSeed, 1);
      BatchLoader three(data, spec(augment), 8, kSeed, 3);
      BatchLoader other(data, spec(augment), 8, kSeed + 1, 3);
      std::vector<Bytes> forward;
      for (std::uint32_t epoch = 0; epoch < 2; ++epoch)
        for (long step = 0; step < one.steps(); ++step) {
          forward.push_back(bytes_of(one.load(epoch, step)));
          EXPECT_NE(bytes_of(other.load(epoch, step)), forward.back());
        }
      std::size_t at = forward.size();
      for (std::uint32_t epoch = 2; epoch-- > 0;)
        for (long step = three.steps(); step-- > 0;)
          EXPECT_EQ(bytes_of(three.load(epoch, step)), forward[--at]);
      for (std::size_t i = 1; i < forward.size(); ++i) EXPECT_NE(forward[i], forward[0]);
    }
}

TEST(BatchLoader, ADamagedPictureIsReported) {
  const Dataset data = on_demand(16, true);
  BatchLoader loader(data, spec(Augment::kResizedCrop), 16, kSeed, 2);
  octet::testing::expect_error([&] { (void)loader.load(0, 0); },
                               "picture 7: found nothing, expected a picture");
}

TEST(BatchLoader, FewerImagesThanABatch) {
  const Dataset data = in_memory(4);
  octet::testing::expect_error(
      [&] { const BatchLoader loader(data, spec(Augment::kNone), 5, kSeed, 1); },
      "training data: images: found 4, expected at least one batch of 5");
}

TEST(TestLoader, AllImagesInTheirOrder) {
  for (const bool files : {false, true}) {
    const Dataset data = files ? on_demand(11) : in_memory(11);
    TestLoader loader(data, 4, 2);
    ASSERT_EQ(loader.steps(), 3);
    long image = 0;
    for (long step = 0; step < 3; ++step) {
      const BatchLoader::Batch batch = loader.load(step);
      ASSERT_EQ(batch.labels.size(), step < 2 ? 4U : 3U);
      ASSERT_EQ(batch.pixels.size(), batch.labels.size() * 90);
      for (std::size_t i = 0; i < batch.labels.size(); ++i, ++image) {
        EXPECT_EQ(batch.labels[i], 300 + image);
        Bytes expected(90);
        data.read(image, expected);
        const auto found = batch.pixels.subspan(i * 90, 90);
        EXPECT_EQ(Bytes(found.begin(), found.end()), expected);
      }
    }
  }
}

}  // namespace
}  // namespace octet::model
