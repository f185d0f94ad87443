#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/ops/conv2d.hpp"

namespace octet::model {

// The activations of a weight gradient as its product reads them: four neighbouring output pixels
// (a quad) side by side, so that a 32-bit lane holds one reduction index of four pixels. Where the
// channels fill vectors of 16, the kernel rows share one copy of the image's lines (kernel_w
// copies of each pixel instead of kernel_h kernel_w); otherwise whole windows are copied.
class ActivationQuads {
 public:
  // For one group of `shape`; small images of a product without window count as one line.
  ActivationQuads(const ConvShape& shape, int group, std::int32_t zero_point);

  [[nodiscard]] int images() const { return shape_.batch; }
  [[nodiscard]] std::ptrdiff_t source_bytes() const {  // from image to image
    return std::ptrdiff_t{shape_.in_h} * shape_.in_w * shape_.in_c;
  }
  [[nodiscard]] int lines() const { return shape_.out_h; }
  [[nodiscard]] int line_pixels() const { return shape_.out_w; }
  [[nodiscard]] int line_quads() const { return (shape_.out_w + 3) / 4; }
  [[nodiscard]] int reduction() const { return shape_.reduction(); }
  [[nodiscard]] int column_groups() const { return static_cast<int>(columns_.size()); }
  // Byte offsets of each group of 16 reduction indices behind a quad's start.
  [[nodiscard]] const std::vector<std::ptrdiff_t>& columns() const { return columns_; }
  [[nodiscard]] std::ptrdiff_t quad_bytes() const { return std::ptrdiff_t{4} * line_columns_; }
  [[nodiscard]] std::size_t image_bytes() const {
    return static_cast<std::size_t>(stored_lines_) * line_quads() *
           static_cast<std::size_t>(quad_bytes());
  }
  // Writes one image's quads (image_bytes()), and adds the image to the sums over all pixels of
  // each reduction index (16 column_groups()).
  void fill(const std::uint8_t* image, std::uint8_t* quads, std::int64_t* sums) const;

 private:
  void fill_border(const std::uint8_t* image) const;
  void fill_lines(std::uint8_t* quads) const;
  void fill_windows(std::uint8_t* quads) const;
  // Where line y of the bordered image is kept: lines of one residue modulo the stride together.
  [[nodiscard]] std::ptrdiff_t stored_line(int y) const {
    return std::ptrdiff_t{y % shape_.stride_h} * phase_lines_ + y / shape_.stride_h;
  }

  ConvShape shape_;
  int group_;
  std::int32_t zero_point_;
  bool shared_;       // kernel rows share lines
  int line_columns_;  // reduction indices of a line, a multiple of 16
  int phase_lines_;   // lines of one residue of the bordered row modulo the stride
  int stored_lines_;
  std::vector<std::ptrdiff_t> columns_;
  mutable std::vector<std::uint8_t> bordered_, windows_;  // scratch of fill()
  mutable std::vector<std::int32_t> line_sums_;           // [stored line][line column]
};

}  // namespace octet::model
