// The MAC array against exact 64-bit sums of (a - z_a)(b - z_b): every 8x8 and every 8x16 product
// over the operands' whole signed range, random tiles with random stalls, the longest sums that
// docs/numerics.md section 11 allows, captured tiles; and the cycle formula of every tile.
#include <Vmac_array.h>
#include <Vmac_array_1x1.h>
#include <Vmac_array_8x8.h>

#include "common/capture.hpp"
#include "tests/cosim/bench.hpp"
#include "tests/cosim/captures.hpp"

namespace octet::cosim {
namespace {

// The parameters that CMakeLists.txt builds each top with.
struct Wide {  // 8x16
  using Top = Vmac_array;
  static constexpr int kRows = 8, kCols = 8, kB = 17, kAcc = 56;
  static constexpr const char* kName = "8x16";
};
struct Narrow {  // 8x8
  using Top = Vmac_array_8x8;
  static constexpr int kRows = 8, kCols = 16, kB = 9, kAcc = 32;
  static constexpr const char* kName = "8x8";
};
struct Single {  // one element: no skew, no flush; its ports are plain integers
  using Top = Vmac_array_1x1;
  static constexpr int kRows = 1, kCols = 1, kB = 17, kAcc = 56;
  static constexpr const char* kName = "1x1 array";
};
constexpr int kA = 9;

// Bits of a port: Verilator's ports are arrays of words above 64 bits.
template <class Words>
void put(Words& words, int position, int width, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value) & ((std::uint64_t{1} << width) - 1);
  if constexpr (std::is_integral_v<Words>) {
    words = static_cast<Words>(bits);
  } else {
    const int word = position / 32;
    const int shift = position % 32;
    const std::uint64_t mask = ((std::uint64_t{1} << width) - 1) << shift;
    const std::uint64_t moved = bits << shift;
    words[word] =
        (words[word] & ~static_cast<std::uint32_t>(mask)) | static_cast<std::uint32_t>(moved);
    if (shift + width > 32) {
      words[word + 1] = (words[word + 1] & ~static_cast<std::uint32_t>(mask >> 32)) |
                        static_cast<std::uint32_t>(moved >> 32);
    }
  }
}
template <class Words>
std::int64_t take(const Words& words, int position, int width) {
  if constexpr (std::is_integral_v<Words>) {
    return static_cast<std::int64_t>(std::uint64_t{words} << (64 - width)) >> (64 - width);
  } else {
    const int word = position / 32;
    const int shift = position % 32;
    std::uint64_t bits = words[word] >> shift;
    if (shift + width > 32) bits |= static_cast<std::uint64_t>(words[word + 1]) << (32 - shift);
    if (shift + width > 64) bits |= static_cast<std::uint64_t>(words[word + 2]) << (64 - shift);
    return static_cast<std::int64_t>(bits << (64 - width)) >> (64 - width);
  }
}

template <class Shape>
class Array {
 public:
  explicit Array(std::uint64_t seed) : random_(seed) {}

  void stall(std::uint64_t in, std::uint64_t out) {
    in_.one_in = in;
    out_.one_in = out;
  }
  // One tile: operands(k, a, b) fills step k; row(r, sums) sees each row of sums. Checks the
  // cycles.
  template <class Operands, class Row>
  void tile(std::int64_t steps, Operands operands, Row row) {
    auto& top = dut_.top;
    const std::uint64_t start = dut_.cycle;
    std::uint64_t bubbles = 0;
    std::uint64_t holds = 0;
    std::int64_t a[Shape::kRows];
    std::int64_t b[Shape::kCols];
    top.ready_i = 0;
    for (std::int64_t k = 0; k < steps; ++k) {
      operands(k, a, b);
      for (int r = 0; r < Shape::kRows; ++r) put(top.a_i, r * kA, kA, a[r]);
      for (int c = 0; c < Shape::kCols; ++c) put(top.b_i, c * Shape::kB, Shape::kB, b[c]);
      top.last_i = k == steps - 1;
      while (in_.now(random_)) {  // a bubble: the operands on the wires must not count
        top.valid_i = 0;
        dut_.settle();
        dut_.edge();
        ++bubbles;
      }
      top.valid_i = 1;
      dut_.settle();
      if (!top.ready_o) throw Mismatch("the array does not accept a step of a tile");
      dut_.edge();
    }
    top.valid_i = 0;
    std::uint64_t waited = 0;
    for (int r = 0; r < Shape::kRows;) {
      top.ready_i = !out_.now(random_);
      dut_.settle();
      if (top.ready_o) throw Mismatch("the array accepts steps before it is drained");
      if (top.valid_o) {
        if (top.ready_i) {
          std::int64_t sums[Shape::kCols];
          for (int c = 0; c < Shape::kCols; ++c) {
            sums[c] = take(top.row_o, c * Shape::kAcc, Shape::kAcc);
          }
          row(r, sums);
          if ((top.last_o != 0) != (r == Shape::kRows - 1)) throw Mismatch("last_o on a wrong row");
          ++r;
        } else {
          ++holds;
        }
      } else if (++waited > 1000) {
        throw Mismatch("the array gives no sums");
      }
      dut_.edge();
    }
    const std::int64_t formula = steps + Shape::kRows + Shape::kCols - 2 + Shape::kRows;
    expect(formula + static_cast<std::int64_t>(bubbles + holds),
           static_cast<std::int64_t>(dut_.cycle - start),
           std::string(Shape::kName) + " cycles of a tile of " + std::to_string(steps) + " steps");
    ++tiles_;
  }
  // A tile against its exact sums.
  template <class Operands>
  void checked_tile(std::int64_t steps, Operands operands) {
    std::int64_t sums[Shape::kRows][Shape::kCols] = {};
    tile(
        steps,
        [&](std::int64_t k, std::int64_t* a, std::int64_t* b) {
          operands(k, a, b);
          for (int r = 0; r < Shape::kRows; ++r) {
            for (int c = 0; c < Shape::kCols; ++c) sums[r][c] += a[r] * b[c];
          }
        },
        [&](int r, const std::int64_t* got) {
          for (int c = 0; c < Shape::kCols; ++c) {
            if (got[c] != sums[r][c]) {
              mismatch(std::string(Shape::kName) + " tile of " + std::to_string(steps) +
                           " steps, row " + std::to_string(r) + " column " + std::to_string(c),
                       std::to_string(sums[r][c]), std::to_string(got[c]));
            }
          }
        });
  }
  [[nodiscard]] std::uint64_t tiles() const { return tiles_; }

 private:
  Clocked<typename Shape::Top> dut_;
  Random random_;
  Stalls in_, out_;
  std::uint64_t tiles_ = 0;
};

// Every product of a in [-255, 255] and b in [-limit, limit], one tile of one step for each block.
template <class Shape>
std::uint64_t check_products(Array<Shape>& array, std::int64_t limit, std::int64_t b_stride) {
  std::uint64_t products = 0;
  array.stall(0, 0);
  for (std::int64_t b0 = -limit; b0 <= limit; b0 += b_stride * Shape::kCols) {
    for (std::int64_t a0 = -255; a0 <= 255; a0 += Shape::kRows) {
      const auto a_of = [&](int r) { return std::min<std::int64_t>(a0 + r, 255); };
      const auto b_of = [&](int c) { return std::min<std::int64_t>(b0 + c, limit); };
      array.tile(
          1,
          [&](std::int64_t, std::int64_t* a, std::int64_t* b) {
            for (int r = 0; r < Shape::kRows; ++r) a[r] = a_of(r);
            for (int c = 0; c < Shape::kCols; ++c) b[c] = b_of(c);
          },
          [&](int r, const std::int64_t* got) {
            for (int c = 0; c < Shape::kCols; ++c) {
              if (got[c] != a_of(r) * b_of(c)) {
                mismatch(std::string(Shape::kName) + " " + std::to_string(a_of(r)) + " times " +
                             std::to_string(b_of(c)),
                         std::to_string(a_of(r) * b_of(c)), std::to_string(got[c]));
              }
              products += a0 + r <= 255 && b0 + c <= limit;
            }
          });
    }
  }
  return products;
}

// Random tiles from codes and zero points, a few of extremes only, with random stalls.
template <class Shape>
void check_tiles(Array<Shape>& array, Random& random, int count) {
  const std::int64_t b_max = Shape::kB == 9 ? 255 : 65535;
  for (int i = 0; i < count; ++i) {
    array.stall(static_cast<std::uint64_t>(random.range(0, 1) * random.range(2, 9)),
                static_cast<std::uint64_t>(random.range(0, 1) * random.range(2, 9)));
    const std::int64_t z_a = random.range(0, 255);
    const std::int64_t z_b = random.range(0, b_max);
    const bool extremes = random.one_in(4);
    const std::int64_t steps = random.one_in(50) ? random.range(1000, 3000) : random.range(1, 100);
    array.checked_tile(steps, [&](std::int64_t, std::int64_t* a, std::int64_t* b) {
      for (int r = 0; r < Shape::kRows; ++r) {
        a[r] = extremes ? (random.one_in(2) ? 255 : -255) : random.range(0, 255) - z_a;
      }
      for (int c = 0; c < Shape::kCols; ++c) {
        b[c] = extremes ? (random.one_in(2) ? b_max : -b_max) : random.range(0, b_max) - z_b;
      }
    });
  }
}

// The longest sum of extremes that fits: rows alternate in sign, so both ends are reached.
template <class Shape>
void check_longest(Array<Shape>& array, std::int64_t steps) {
  const std::int64_t b_max = Shape::kB == 9 ? 255 : 65535;
  array.stall(0, 0);
  array.checked_tile(steps, [&](std::int64_t, std::int64_t* a, std::int64_t* b) {
    for (int r = 0; r < Shape::kRows; ++r) a[r] = r % 2 ? -255 : 255;
    for (int c = 0; c < Shape::kCols; ++c) b[c] = b_max;
  });
}

// DIR/*.mac_array.capture: README.md. Returns the number of tiles.
std::uint64_t check_captures(Array<Wide>& array, const std::string& folder) {
  const std::uint64_t before = array.tiles();
  array.stall(0, 0);
  for (const std::string& path : captures_of(folder, "mac_array")) {
    const CaptureReader file(path);
    const auto shape = file.get<std::int64_t>("shape");  // rows M, columns N, steps K
    const auto a = file.get<std::int32_t>("a");          // [K][M], zero point removed
    const auto b = file.get<std::int32_t>("b");          // [K][N]
    const auto sums =
        file.has("sums") ? file.get<std::int64_t>("sums") : std::vector<std::int64_t>{};  // [M][N]
    if (shape.size() != 3) throw Error(path + ": shape is not M N K");
    const std::int64_t m = shape[0];
    const std::int64_t n = shape[1];
    const std::int64_t k = shape[2];
    const auto size = [](const auto& values) { return static_cast<std::int64_t>(values.size()); };
    if (k < 1 || size(a) != k * m || size(b) != k * n || (!sums.empty() && size(sums) != m * n)) {
      throw Error(path + ": the arrays' sizes do not fit the shape");
    }
    for (std::int64_t r0 = 0; r0 < m; r0 += Wide::kRows) {
      for (std::int64_t c0 = 0; c0 < n; c0 += Wide::kCols) {
        std::int64_t exact[Wide::kRows][Wide::kCols] = {};
        array.tile(
            k,
            [&](std::int64_t step, std::int64_t* ta, std::int64_t* tb) {
              for (int r = 0; r < Wide::kRows; ++r) ta[r] = r0 + r < m ? a[step * m + r0 + r] : 0;
              for (int c = 0; c < Wide::kCols; ++c) tb[c] = c0 + c < n ? b[step * n + c0 + c] : 0;
              for (int r = 0; r < Wide::kRows; ++r) {
                for (int c = 0; c < Wide::kCols; ++c) exact[r][c] += ta[r] * tb[c];
              }
            },
            [&](int r, const std::int64_t* got) {
              for (int c = 0; c < Wide::kCols && r0 + r < m && c0 + c < n; ++c) {
                const std::string where =
                    path + " row " + std::to_string(r0 + r) + " column " + std::to_string(c0 + c);
                expect(exact[r][c], got[c], where);
                if (!sums.empty())
                  expect(exact[r][c], sums[(r0 + r) * n + c0 + c], where + ", captured");
              }
            });
      }
    }
  }
  return array.tiles() - before;
}

std::string check(const Options& options) {
  Random random(options.seed);
  Array<Wide> wide(options.seed + 1000);
  Array<Narrow> narrow(options.seed + 2000);
  Array<Single> single(options.seed + 3000);
  const int tiles = options.quick ? 100 : 1000;
  check_tiles(wide, random, tiles);
  check_tiles(narrow, random, tiles);
  check_tiles(single, random, tiles);
  check_longest(narrow, 33'025);
  check_longest(wide, options.quick ? 100'000 : 8'421'504);
  const std::uint64_t narrow_products = check_products(narrow, 255, 1);
  const std::uint64_t wide_products = check_products(wide, 65535, options.quick ? 37 : 1);
  const std::uint64_t captured = check_captures(wide, options.capture);
  if (narrow_products == 0 || wide_products == 0) return "";
  return std::to_string(narrow_products) + " 8x8 and " + std::to_string(wide_products) +
         " 8x16 products, " + std::to_string(wide.tiles() + narrow.tiles() + single.tiles()) +
         " tiles, " + std::to_string(captured) + " captured tiles, K + 2 ROWS + COLS - 2 cycles";
}

}  // namespace
}  // namespace octet::cosim

int main(int argc, char** argv) {
  return octet::cosim::bench_main(argc, argv, "mac_array", octet::cosim::check);
}
