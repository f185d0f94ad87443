#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "model/float32/norm.hpp"
#include "model/float32/passes.hpp"
#include "model/float32/tiles.hpp"
#include "model/ops/range_bn.hpp"

namespace octet::model::float32 {
namespace {

// The winner a channel of the winners a lane: `before(a, b)` where a value beats another.
template <class Real, class Before>
void best_lane(std::span<const Real> values, std::span<const std::int32_t> tiles,
               std::int64_t first_row, const Before& before, std::vector<Real>& best,
               std::vector<std::int32_t>& where) {
  const std::size_t channels = best.size();
  const std::size_t rows = tile_rows(channels);
  for (std::size_t lane = 0; lane < values.size(); ++lane) {
    const std::size_t c = lane % channels;
    const auto row = static_cast<std::int32_t>(
        first_row + std::int64_t{tiles[lane]} * static_cast<std::int64_t>(rows) +
        static_cast<std::int64_t>(lane / channels));
    if (lane >= channels && !before(values[lane], best[c]) &&
        !(values[lane] == best[c] && row < where[c]))
      continue;
    best[c] = values[lane];
    where[c] = row;
  }
}

}  // namespace

template <class Real>
Real range_bn_inverse(Real range, Real constant) {
  const Real scaled = range * constant;
  return scaled >= std::numeric_limits<Real>::min() ? Real{1} / scaled : Real{0};
}

template <class Real>
Real batch_norm_inverse(Real variance) {
  return Real{1} / std::sqrt(variance + static_cast<Real>(kBatchNormEpsilon));
}

template <class Real>
NormGatherer<Real>::NormGatherer(std::vector<RowRange> ranges, int channels, int chunks)
    : channels_(static_cast<std::size_t>(channels)), chunks_(chunks), ranges_(std::move(ranges)) {
  const std::int64_t n = ranges_.back().end;
  const int cuts = std::max(chunks, 1);
  for (const RowRange& range : ranges_) {
    std::vector<Piece>& pieces = pieces_.emplace_back();
    for (int chunk = 0; chunk < cuts; ++chunk) {
      Piece piece;
      piece.chunk = chunk;
      piece.rows.begin = std::max(range.begin, chunk_begin(n, cuts, chunk));
      piece.rows.end = std::min(range.end, chunk_begin(n, cuts, chunk + 1));
      if (piece.rows.begin >= piece.rows.end) continue;
      piece.sum.resize(channels_);
      if (chunks == 0) {
        piece.squares.resize(channels_);
      } else {
        piece.high.resize(channels_);
        piece.low.resize(channels_);
        piece.argmax.resize(channels_);
        piece.argmin.resize(channels_);
      }
      pieces.push_back(std::move(piece));
    }
  }
}

template <class Real>
void NormGatherer<Real>::gather(int range, std::span<const Real> x) {
  const auto index = static_cast<std::size_t>(range);
  for (Piece& piece : pieces_[index]) {
    const std::int64_t row = piece.rows.begin - ranges_[index].begin;
    const Real* first = x.data() + static_cast<std::size_t>(row) * channels_;
    if (chunks_ == 0)
      gather_sums(piece, first);
    else
      gather_extremes(piece, first);
  }
}

template <class Real>
void NormGatherer<Real>::gather_sums(Piece& piece, const Real* x) const {
  const std::int64_t rows = piece.rows.end - piece.rows.begin;
  const std::size_t count = static_cast<std::size_t>(rows) * channels_;
  const std::size_t tile = tile_rows(channels_) * channels_;
  std::vector<Real> lanes(tile);
  const auto sum = [&](std::vector<double>& total, const auto& pass) {
    std::fill(total.begin(), total.end(), 0.0);
    each_run(count, tile, [&](std::size_t at, std::size_t length) {
      std::fill(lanes.begin(), lanes.end(), Real{0});
      pass(x + at, length);
      add_lanes<Real>(lanes, total);
    });
  };
  sum(piece.sum, [&](const Real* from, std::size_t length) {
    passes<Real>().sum(from, length, tile, lanes.data());
  });
  std::vector<Real> mean(channels_);
  for (std::size_t c = 0; c < channels_; ++c)
    mean[c] = static_cast<Real>(piece.sum[c] / static_cast<double>(rows));
  const std::vector<Real> means = repeat<Real>(mean, tile_rows(channels_));
  sum(piece.squares, [&](const Real* from, std::size_t length) {
    passes<Real>().squares(from, length, tile, means.data(), lanes.data());
  });
  // About the exact mean rather than its rounding.
  for (std::size_t c = 0; c < channels_; ++c) {
    const double off = piece.sum[c] / static_cast<double>(rows) - static_cast<double>(mean[c]);
    piece.squares[c] -= static_cast<double>(rows) * off * off;
  }
}

template <class Real>
void NormGatherer<Real>::gather_extremes(Piece& piece, const Real* x) const {
  const std::int64_t rows = piece.rows.end - piece.rows.begin;
  const std::size_t count = static_cast<std::size_t>(rows) * channels_;
  const std::size_t tile = tile_rows(channels_) * channels_;
  const std::size_t lanes = std::min(tile, count);
  std::vector<Real> sum(lanes);
  std::vector<Real> high(x, x + lanes);
  std::vector<Real> low = high;
  std::vector<std::int32_t> argmax(lanes);
  std::vector<std::int32_t> argmin(lanes);
  std::fill(piece.sum.begin(), piece.sum.end(), 0.0);
  each_run(count, tile, [&](std::size_t at, std::size_t length) {
    std::fill(sum.begin(), sum.end(), Real{0});
    passes<Real>().extremes(x + at, length, tile, static_cast<std::int32_t>(at / tile),
                            {sum.data(), high.data(), low.data(), argmax.data(), argmin.data()});
    add_lanes<Real>(sum, piece.sum);
  });
  best_lane<Real>(high, argmax, piece.rows.begin, std::greater<>(), piece.high, piece.argmax);
  best_lane<Real>(low, argmin, piece.rows.begin, std::less<>(), piece.low, piece.argmin);
}

template <class Real>
void NormGatherer<Real>::finish(Real constant, NormStatistics<Real>& statistics) const {
  NormStatistics<Real>& s = statistics;
  s.mean.resize(channels_);
  s.inverse.resize(channels_);
  s.spread.assign(channels_, Real{0});
  s.chunks = chunks_;
  s.constant = constant;
  const auto n = static_cast<double>(ranges_.back().end);
  for (std::size_t c = 0; c < channels_; ++c) {
    double sum = 0;
    for (const auto& pieces : pieces_)
      for (const Piece& piece : pieces) sum += piece.sum[c];
    s.mean[c] = static_cast<Real>(sum / n);
  }
  if (chunks_ == 0)
    finish_variance(s);
  else
    finish_range(s);
}

template <class Real>
void NormGatherer<Real>::finish_variance(NormStatistics<Real>& statistics) const {
  for (std::size_t c = 0; c < channels_; ++c) {
    double rows = 0;
    double mean = 0;
    double squares = 0;
    for (const auto& pieces : pieces_)
      for (const Piece& piece : pieces) {
        const auto more = static_cast<double>(piece.rows.end - piece.rows.begin);
        const double apart = piece.sum[c] / more - mean;
        squares += piece.squares[c] + apart * apart * (rows * more / (rows + more));
        mean += apart * (more / (rows + more));
        rows += more;
      }
    statistics.spread[c] = static_cast<Real>(squares / rows);
    statistics.inverse[c] = batch_norm_inverse(statistics.spread[c]);
  }
}

template <class Real>
void NormGatherer<Real>::finish_range(NormStatistics<Real>& statistics) const {
  NormStatistics<Real>& s = statistics;
  const std::size_t places = channels_ * static_cast<std::size_t>(chunks_);
  s.argmax.resize(places);
  s.argmin.resize(places);
  std::vector<Real> high(channels_);
  std::vector<Real> low(channels_);
  int chunk = -1;
  const auto close = [&] {
    for (std::size_t c = 0; c < channels_; ++c) s.spread[c] += high[c] - low[c];
  };
  for (const auto& pieces : pieces_)
    for (const Piece& piece : pieces) {
      const bool first = piece.chunk != chunk;
      if (first && chunk >= 0) close();
      chunk = piece.chunk;
      const std::size_t at = static_cast<std::size_t>(chunk) * channels_;
      for (std::size_t c = 0; c < channels_; ++c) {
        if (first || piece.high[c] > high[c]) {
          high[c] = piece.high[c];
          s.argmax[at + c] = piece.argmax[c];
        }
        if (first || piece.low[c] < low[c]) {
          low[c] = piece.low[c];
          s.argmin[at + c] = piece.argmin[c];
        }
      }
    }
  close();
  for (std::size_t c = 0; c < channels_; ++c) {
    s.spread[c] /= static_cast<Real>(chunks_);
    s.inverse[c] = range_bn_inverse(s.spread[c], s.constant);
  }
}

template float range_bn_inverse<float>(float, float);
template double range_bn_inverse<double>(double, double);
template float batch_norm_inverse<float>(float);
template double batch_norm_inverse<double>(double);
template class NormGatherer<float>;
template class NormGatherer<double>;

}  // namespace octet::model::float32
