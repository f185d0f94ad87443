#include "workloads/dataset/jpeg.hpp"

#include <turbojpeg.h>

#include <memory>
#include <new>

#include "common/error.hpp"

namespace octet::workloads {

namespace {

constexpr std::int64_t kMaxPixels = std::int64_t{1} << 26;  // 192 MiB decoded

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};

}  // namespace

Picture decode_jpeg(const std::string& path, std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) throw input_error(path, "", "an empty file", "a whole JPEG image");
  const std::unique_ptr<void, Destroy> handle(tjInitDecompress());
  if (handle == nullptr) throw std::bad_alloc();
  const auto damaged = [&] {
    return input_error(path, "", tjGetErrorStr2(handle.get()), "a whole JPEG image");
  };

  Picture picture;
  int subsampling = 0;
  int colours = 0;
  if (tjDecompressHeader3(handle.get(), bytes.data(), bytes.size(), &picture.shape.width,
                          &picture.shape.height, &subsampling, &colours) != 0)
    throw damaged();
  if (colours == TJCS_CMYK || colours == TJCS_YCCK)
    throw input_error(path, "", "a JPEG image of four colours (CMYK)", "RGB or grey");
  const std::int64_t pixels = std::int64_t{picture.shape.height} * picture.shape.width;
  if (pixels > kMaxPixels)
    throw input_error(path, "", std::to_string(pixels) + " pixels",
                      "at most " + std::to_string(kMaxPixels));
  picture.shape.channels = 3;
  picture.pixels.resize(static_cast<std::size_t>(3 * pixels));
  // The exact integer transform. A warning stops it: libjpeg would fill what is missing with grey.
  if (tjDecompress2(handle.get(), bytes.data(), bytes.size(), picture.pixels.data(),
                    picture.shape.width, 0, picture.shape.height, TJPF_RGB,
                    TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING) != 0)
    throw damaged();
  return picture;
}

}  // namespace octet::workloads
