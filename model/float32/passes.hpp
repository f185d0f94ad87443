#pragma once
#include <cstddef>
#include <cstdint>

namespace octet::model::float32 {

// The element loops of the float32 engine, compiled once an instruction set (passes.inc) and chosen
// with the integer kernels (OCTET_ISA). Every set gives the same bits: each operation rounds as
// written, and the order of the sums is that of the lanes.
//
// A loop over channels is too short for a vector processor, so that rows of [rows][channels] are
// taken several at a time: a *tile* of `tile` elements, a multiple of the channels. Parameters are
// repeated along the tile, sums and extremes kept for each of its lanes. `count` elements need not
// fill the last tile.
template <class Real>
struct Passes {
  struct Extremes {
    Real *sum, *high, *low;         // [tile]
    std::int32_t *argmax, *argmin;  // [tile]: number of the tile, `first` for the first one
  };
  struct Affine {
    const Real *mean, *gain, *shift;  // [tile]
  };
  struct BatchBackward {
    const Real *mean, *gain, *mean_gradient, *slope;  // [tile]
  };

  // sum += x; sum += (x - mean)^2.
  void (*sum)(const Real* x, std::size_t count, std::size_t tile, Real* sum);
  void (*squares)(const Real* x, std::size_t count, std::size_t tile, const Real* mean, Real* sum);
  // sum += x; the extremes move where a value is beyond them.
  void (*extremes)(const Real* x, std::size_t count, std::size_t tile, std::int32_t first,
                   const Extremes& out);
  // sum += h; product += h (x - mean).
  void (*gradients)(const Real* h, const Real* x, std::size_t count, std::size_t tile,
                    const Real* mean, Real* sum, Real* product);
  // y = gain (x - mean) + shift, or its positive part.
  void (*affine)(const Real* x, std::size_t count, std::size_t tile, const Affine& p, Real* y);
  void (*affine_relu)(const Real* x, std::size_t count, std::size_t tile, const Affine& p, Real* y);
  // dx = gain (h - mean_gradient - (x - mean) slope).
  void (*batch_backward)(const Real* h, const Real* x, std::size_t count, std::size_t tile,
                         const BatchBackward& p, Real* dx);
  void (*relu)(const Real* x, std::size_t count, Real* y);
  // dx = y > 0 ? dy : 0.
  void (*relu_backward)(const Real* dy, const Real* y, std::size_t count, Real* dx);
  // y = a + b, or its positive part.
  void (*add)(const Real* a, const Real* b, std::size_t count, Real* y);
  void (*add_relu)(const Real* a, const Real* b, std::size_t count, Real* y);
  // y += x.
  void (*accumulate)(const Real* x, std::size_t count, Real* y);
};

// float: the set that model/kernels chose for this process. double: for tests, scalar only.
template <class Real>
[[nodiscard]] const Passes<Real>& passes();

// Elements of a tile of rows of `channels`.
[[nodiscard]] constexpr std::size_t tile_rows(std::size_t channels) {
  constexpr std::size_t kLanes = 256;  // sixteen of the widest vectors
  return (kLanes + channels - 1) / channels;
}

}  // namespace octet::model::float32
