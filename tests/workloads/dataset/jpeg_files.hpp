#pragma once
#include <turbojpeg.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace octet::testing {

// A JPEG file of `pixels` in TurboJPEG's format `format` (TJPF_RGB, TJPF_GRAY, TJPF_CMYK).
inline std::string jpeg(const std::vector<std::uint8_t>& pixels, int width, int height,
                        int format = TJPF_RGB, int sampling = TJSAMP_444, int quality = 100) {
  struct Destroy {
    void operator()(void* handle) const { tjDestroy(handle); }
  };
  const std::unique_ptr<void, Destroy> handle(tjInitCompress());
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const int failed = tjCompress2(handle.get(), pixels.data(), width, 0, height, format, &bytes,
                                 &size, sampling, quality, TJFLAG_ACCURATEDCT);
  const std::string file(reinterpret_cast<const char*>(bytes), failed != 0 ? 0 : size);
  tjFree(bytes);
  if (failed != 0) throw std::runtime_error(tjGetErrorStr2(handle.get()));
  return file;
}

// One colour all over.
inline std::string plain_jpeg(int width, int height, std::uint8_t red, std::uint8_t green,
                              std::uint8_t blue) {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < width * height; ++i) pixels.insert(pixels.end(), {red, green, blue});
  return jpeg(pixels, width, height);
}

}  // namespace octet::testing
