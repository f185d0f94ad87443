#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/kernels/kernels.hpp"
#include "model/ops/conv2d.hpp"

namespace octet::model {

// The activations of a weight gradient as its product reads them: four output pixels (a quad) side
// by side, so that a 32-bit lane holds one reduction index of four pixels. The four are neighbours
// in a line, or two in each of two lines where fewer of them then hang over the line's end.
//
// Where the channels fill vectors of 16, the kernel rows share one copy of the image's lines
// (kernel_w copies of each pixel instead of kernel_h kernel_w), and the lines of the border above
// and below the image hold zeros, which the product leaves out; otherwise each window has quads of
// its own.
class ActivationQuads {
 public:
  // For one group of `shape`; small images of a product without window count as one line.
  ActivationQuads(const ConvShape& shape, int group, std::int32_t zero_point);

  [[nodiscard]] int images() const { return shape_.batch; }
  [[nodiscard]] std::ptrdiff_t source_bytes() const {  // from image to image
    return std::ptrdiff_t{shape_.in_h} * shape_.in_w * shape_.in_c;
  }
  // Output pixels of an image as lines of quads: (4 / across()) lines of pixels each.
  [[nodiscard]] int lines() const { return lines_; }
  [[nodiscard]] int across() const { return across_; }
  [[nodiscard]] int line_pixels() const { return shape_.out_w; }  // of each of its lines
  [[nodiscard]] int line_quads() const { return (shape_.out_w + across_ - 1) / across_; }
  [[nodiscard]] int quads() const { return lines_ * line_quads(); }

  // Kernel rows, or one that stands for all; each has run() reduction indices in groups of 16 and
  // leaves out the lines of quads outside [first, last).
  struct Row {
    int first, last;
  };
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] int run() const { return shape_.reduction() / static_cast<int>(rows_.size()); }
  [[nodiscard]] const std::vector<QuadColumns>& columns() const { return columns_; }

  [[nodiscard]] std::size_t image_bytes() const {
    return static_cast<std::size_t>(stored_lines_) * line_quads() * 4 *
           static_cast<std::size_t>(line_columns_);
  }
  // Once for each image's memory (image_bytes()): writes what is the same for all images.
  void prepare(std::uint8_t* quads) const;
  // Writes one image's quads into prepared memory.
  void fill(const std::uint8_t* image, std::uint8_t* quads);
  // Adds the sums of each reduction index over the pixels of all images filled since the last call
  // (16 columns().size() sums). They are kept in 32 bits: 2^23 pixels are too many.
  void move_sums(std::span<std::int64_t> sums);

 private:
  // Writes line `y` of the bordered image but its sides, which are the same for all; returns its
  // end.
  std::uint8_t* border_line(const std::uint8_t* image, int y, std::uint8_t* to) const;
  void fill_lines(const std::uint8_t* image, std::uint8_t* quads);
  void fill_windows(std::uint8_t* quads);
  void copy_windows(std::uint8_t* quads);
  // Line `y` of the bordered image starts the stored line stored_line(y), which holds it and, where
  // a quad has two lines, the one a stride below. Lines that successive lines of quads read lie
  // together.
  [[nodiscard]] int period() const { return 4 / across_ * shape_.stride_h; }
  [[nodiscard]] int stored_line(int y) const { return y % period() * phase_lines_ + y / period(); }
  // Whether the stored line has nothing of the image.
  [[nodiscard]] bool is_border(int y) const {
    return y + period() - shape_.stride_h < shape_.pad_h || y >= shape_.pad_h + shape_.in_h;
  }
  // body(y) for each first line of a stored line.
  template <class Body>
  void for_stored_lines(Body body) const {
    const int last = shape_.in_h + 2 * shape_.pad_h - (period() - shape_.stride_h);
    for (int y = 0; y < last; ++y) body(y);
  }
  [[nodiscard]] std::ptrdiff_t line_bytes() const { return std::ptrdiff_t{64} * line_quads(); }
  [[nodiscard]] std::ptrdiff_t group_bytes() const { return stored_lines_ * line_bytes(); }

  ConvShape shape_;
  int group_;
  std::int32_t zero_point_;
  bool shared_;  // kernel rows share lines
  bool direct_;  // windows go to quads without a copy
  int across_, lines_;
  int line_columns_;  // reduction indices of a line, a multiple of 16
  int phase_lines_;   // stored lines of one residue modulo the period
  int stored_lines_;
  std::vector<Row> rows_;
  std::vector<QuadColumns> columns_;
  std::vector<std::uint8_t> bordered_, windows_;  // scratch of fill()
  std::vector<std::int32_t> line_sums_;           // [stored line][line column]
};

}  // namespace octet::model
