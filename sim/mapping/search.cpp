#include "sim/mapping/search.hpp"

#include <algorithm>

namespace octet::sim {
namespace {

// Sizes to try, largest first, without repetition.
class Sizes {
 public:
  void add(std::int64_t size) {
    if (size < 1 || count_ == kMost) return;
    if (std::find(values_.begin(), values_.begin() + count_, size) != values_.begin() + count_) {
      return;
    }
    values_[static_cast<std::size_t>(count_++)] = size;
  }
  // size / q for some q: tiles of equal size as far as that goes.
  void add_parts(std::int64_t size) {
    for (std::int64_t q = 1; q < size; q = q < 4 ? q + 1 : q * 3 / 2) add(ceil_div(size, q));
    add(1);
  }
  [[nodiscard]] const std::int64_t* begin() const { return values_.data(); }
  [[nodiscard]] const std::int64_t* end() const { return values_.data() + count_; }

 private:
  static constexpr int kMost = 64;
  std::array<std::int64_t, kMost> values_{};
  int count_ = 0;
};

Sizes image_sizes(std::int64_t batch) {
  Sizes sizes;
  sizes.add_parts(batch);
  return sizes;
}

// Columns of a group: whole array widths, powers of two below one.
Sizes column_sizes(const Product& p, const Hardware& hw) {
  Sizes sizes;
  const std::int64_t widths = ceil_div(p.columns(), hw.cols);
  sizes.add(p.columns());
  for (std::int64_t q = 2; q <= widths; q = q < 4 ? q + 1 : q * 3 / 2) {
    sizes.add(ceil_div(widths, q) * hw.cols);
  }
  for (std::int64_t n = std::min<std::int64_t>(hw.cols, p.columns() - 1); n > 0; n /= 2) {
    sizes.add(n);
  }
  return sizes;
}

// Whole kernel rows, channels of one tap, whole heights of the array.
Sizes depth_sizes(const Product& p, const Hardware& hw) {
  Sizes sizes;
  const std::int64_t depth = p.depth();
  sizes.add(depth);
  const std::int64_t folds = ceil_div(depth, hw.rows);
  for (std::int64_t q = 2; q <= folds; q = q < 4 ? q + 1 : q * 3 / 2) {
    sizes.add(ceil_div(folds, q) * hw.rows);
  }
  if (p.forward_window()) {
    const std::int64_t row = p.shape.x.kernel * p.shape.in_g();
    for (std::int64_t rows = p.shape.y.kernel / 2; rows > 0; rows /= 2) sizes.add(rows * row);
  }
  const std::int64_t channels = p.forward_window() ? p.shape.in_g() : depth;
  for (std::int64_t c = channels; c > 0; c /= 2) sizes.add(c);
  return sizes;
}

class Search {
 public:
  Search(const Product& product, const Drain& drain, const Hardware& hw)
      : p_(product), drain_(drain), hw_(hw) {}

  std::optional<FoundMapping> run() {
    const Sizes columns = column_sizes(p_, hw_);
    const Sizes depths = depth_sizes(p_, hw_);
    Sizes groups;
    groups.add_parts(p_.shape.groups);
    for (const std::int64_t depth : depths) {
      for (const std::int64_t n : columns) {
        for (const std::int64_t g : groups) {
          if (g > 1 && n < p_.columns()) continue;
          Tiling t{1, 1, 1, g, n, depth};
          try_pixels(t);
          t.sliced = true;
          if (depth < p_.depth()) try_pixels(t);
        }
      }
    }
    return best_;
  }

 private:
  void try_pixels(Tiling t) {
    if (!fits(p_, t, hw_)) return;  // not even a pixel
    t.rows = p_.height();
    t.width = p_.width();
    for (const std::int64_t images : image_sizes(p_.shape.batch)) {
      t.images = images;
      if (fits(p_, t, hw_)) try_orders(t);
    }
    t.images = 1;
    Sizes rows;
    rows.add_parts(p_.height());
    for (const std::int64_t r : rows) {
      t.rows = r;
      if (r < p_.height() && fits(p_, t, hw_)) try_orders(t);
    }
    t.rows = 1;
    if (fits(p_, t, hw_)) return;  // a part of a row reads the rows around it again each time
    Sizes widths;
    widths.add_parts(p_.width());
    for (const std::int64_t w : widths) {
      t.width = w;
      if (w < p_.width() && fits(p_, t, hw_)) try_orders(t);
    }
  }

  void try_orders(Tiling t) {
    t.pixels_outer = false;
    const Transfers columns = transfers_of(p_, drain_, t, hw_);
    const bool both =
        p_.gemm != Gemm::kWeightGradient && column_tiles(p_, t) > 1 && pixel_tiles(p_, t) > 1;
    Transfers pixels;
    if (both) {
      t.pixels_outer = true;
      pixels = transfers_of(p_, drain_, t, hw_);
    }
    for (const Dataflow flow : {Dataflow::kOutput, Dataflow::kWeight, Dataflow::kInput}) {
      if (hw_.dataflow ? *hw_.dataflow != flow : !ports_feed(flow, hw_)) continue;
      // The array's time is most of the work here: not for a tiling that the bus rules out.
      const double bus = std::min(columns.bus, both ? pixels.bus : columns.bus);
      if (best_ && bus > best_->cost.objective()) return;
      const std::int64_t compute = compute_cycles(p_, t, flow, hw_);
      t.pixels_outer = false;
      consider({t, flow}, columns, compute);
      if (!both) continue;
      t.pixels_outer = true;
      consider({t, flow}, pixels, compute);
    }
  }

  void consider(const Mapping& mapping, const Transfers& moved, std::int64_t compute) {
    const MappingCost cost{mapping_cycles(p_, drain_, mapping.tiling, moved, compute, hw_), compute,
                           moved};
    const bool better =
        !best_ || cost.objective() < best_->cost.objective() ||
        (cost.objective() == best_->cost.objective() && moved.bytes < best_->cost.transfers.bytes);
    if (better) best_ = {mapping, cost};
  }

  const Product& p_;
  const Drain& drain_;
  const Hardware& hw_;
  std::optional<FoundMapping> best_;
};

}  // namespace

std::optional<FoundMapping> search_mapping(const Product& product, const Drain& drain,
                                           const Hardware& hw) {
  return Search(product, drain, hw).run();
}

std::optional<FoundMapping> MappingCache::map(const Product& p, const Drain& drain) const {
  if (strategy_ == MappingStrategy::kSearch) return search_mapping(p, drain, hardware_);
  const Tiling tiling = default_tiling(p, hardware_);
  if (tiling.images == 0) return std::nullopt;
  const Mapping mapping{tiling, best_dataflow(p, tiling, hardware_)};
  return FoundMapping{mapping, mapping_cost(p, drain, mapping, hardware_)};
}

const std::optional<FoundMapping>& MappingCache::find(const Product& p, const Drain& d) {
  const Axis& y = p.shape.y;
  const Axis& x = p.shape.x;
  const Key key{static_cast<std::int64_t>(p.gemm),
                y.in,
                y.out,
                y.kernel,
                y.stride,
                y.pad,
                y.dilation,
                x.in,
                x.out,
                x.kernel,
                x.stride,
                x.pad,
                x.dilation,
                p.shape.batch,
                p.shape.groups,
                p.shape.in_c,
                p.shape.out_c,
                p.source_bytes,
                p.weight_bytes,
                p.result_bytes,
                p.wide_operand ? 1 : 0,
                d.moves,
                d.passes,
                d.moved_bytes[0],
                d.moved_bytes[1],
                d.moved_bytes[2],
                d.moved_bytes[3],
                d.moved_bytes[4],
                d.moved_bytes[5]};
  const auto known = found_.find(key);
  if (known != found_.end()) return known->second;
  return found_.emplace(key, map(p, d)).first->second;
}

}  // namespace octet::sim
