#include "workloads/dataset/jpeg.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/common/expect_error.hpp"
#include "tests/workloads/dataset/jpeg_files.hpp"

namespace octet::workloads {
namespace {

using namespace octet::testing;

Picture decode(const std::string& bytes) {
  return decode_jpeg("x.jpg", {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// A smooth picture, so that little is lost.
std::vector<std::uint8_t> slopes(int width, int height, int channels) {
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c)
        pixels.push_back(static_cast<std::uint8_t>(40 + 60 * c + 2 * x + (c == 1 ? -1 : 1) * y));
  return pixels;
}

void expect_near(const std::vector<std::uint8_t>& found, const std::vector<std::uint8_t>& expected,
                 int most) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], most) << i;
}

TEST(Jpeg, RedGreenBlueFromTheTopLeft) {
  const auto pixels = slopes(37, 21, 3);
  const Picture picture = decode(jpeg(pixels, 37, 21));
  EXPECT_EQ(picture.shape, (Shape{21, 37, 3}));
  expect_near(picture.pixels, pixels, 3);
  expect_near(decode(jpeg(pixels, 37, 21, TJPF_RGB, TJSAMP_420, 95)).pixels, pixels, 12);
}

TEST(Jpeg, GreyHasThreeEqualChannels) {
  const auto grey = slopes(19, 30, 1);
  const Picture picture = decode(jpeg(grey, 19, 30, TJPF_GRAY, TJSAMP_GRAY));
  EXPECT_EQ(picture.shape, (Shape{30, 19, 3}));
  std::vector<std::uint8_t> expected;
  for (const std::uint8_t value : grey) expected.insert(expected.end(), 3, value);
  expect_near(picture.pixels, expected, 2);
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    ASSERT_EQ(picture.pixels[i], picture.pixels[i + 1]);
    ASSERT_EQ(picture.pixels[i], picture.pixels[i + 2]);
  }
}

TEST(JpegError, EveryTruncation) {
  const std::string whole = jpeg(slopes(24, 17, 3), 24, 17, TJPF_RGB, TJSAMP_420, 80);
  ASSERT_NO_THROW((void)decode(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    SCOPED_TRACE(length);
    expect_error_with([&] { (void)decode(whole.substr(0, length)); },
                      {"x.jpg: found ", "expected a whole JPEG image"});
  }
}

// Damage is either an error in one line or happens to be another image; never a crash.
TEST(JpegError, AnEmptyFile) {
  testing::expect_error([] { (void)decode_jpeg("a.jpg", {}); },
                        "a.jpg: found an empty file, expected a whole JPEG image");
}

TEST(JpegError, DamagedBytes) {
  const std::string whole = jpeg(slopes(40, 33, 3), 40, 33, TJPF_RGB, TJSAMP_420, 70);
  int refused = 0;
  for (std::uint32_t seed = 1; seed <= 500; ++seed) {
    std::mt19937 random(seed);
    std::string bytes = whole;
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    try {
      (void)decode(bytes);
    } catch (const Error& error) {
      ++refused;
      const std::string text = error.what();
      EXPECT_TRUE(text.starts_with("x.jpg: found ")) << text;
      EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    }
  }
  EXPECT_GT(refused, 100);
}

TEST(JpegError, FourColours) {
  const auto pixels = slopes(16, 16, 4);
  expect_error([&] { (void)decode(jpeg(pixels, 16, 16, TJPF_CMYK)); },
               "x.jpg: found a JPEG image of four colours (CMYK), expected RGB or grey");
}

TEST(JpegError, AnotherFormat) {
  expect_error_with([] { (void)decode("\x89PNG\r\n\x1a\n and so on"); },
                    {"x.jpg: found ", "expected a whole JPEG image"});
}

TEST(JpegError, ClaimedSizeThatFillsMemory) {
  std::string bytes = jpeg(slopes(16, 16, 3), 16, 16);
  const std::size_t frame = bytes.find("\xFF\xC0");  // marker, length, precision, height, width
  ASSERT_NE(frame, std::string::npos);
  for (std::size_t i = 5; i < 9; ++i) bytes[frame + i] = '\x7F';
  expect_error([&] { (void)decode(bytes); },
               "x.jpg: found 1065304321 pixels, expected at most 67108864");
}

}  // namespace
}  // namespace octet::workloads
