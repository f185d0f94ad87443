// Weight gradient: the reduction runs over all pixels, so sums stay in the accumulators while the
// input and the gradient stream past.
#include "sim/program/lowering/gemm.hpp"
#include "sim/program/lowering/gemm_tiles.hpp"

namespace octet::sim {
namespace {

constexpr std::int64_t kSumBytes = 8;  // 56-bit sums in 64-bit words

struct Operands {
  Product product;
  Dataflow dataflow = Dataflow::kOutput;
  int gradient = -1, x = -1, dw = -1, db = -1;
};

Half& load_gradient(Builder& b, const Operands& o, const PixelTile& t, const ElementSet& set,
                    bool again) {
  const Contents contents{o.gradient, b.written(o.gradient), t.first, set.n > 0 ? set.n0 : 0, 0};
  if (Half* half = b.resident(Pad::kWeight, contents)) return *half;
  Half& half = b.acquire(Pad::kWeight, contents);
  half.ready = {b.load(o.gradient, set, Pad::kWeight, half, again)};
  return half;
}

// One tile of pixels added to the sums of rows `m` and columns `c`; the bias sums with it.
int emit_tile(Builder& b, const Operands& o, const PixelTile& t, const ColumnTile& c, Span m,
              const Slices& slices, Half& acc) {
  const Product& p = o.product;
  const ElementSet set =
      rows_of(t.first, t.count, c.g0 * p.columns() + c.n0, c.g * c.n, p.shape.out_c);
  Half& g_half = load_gradient(b, o, t, set, m.first > 0);
  Half& x_half = load_source(b, p, o.x, t, c, slices, m);
  Command gemm;
  gemm.op = Opcode::kGemm;
  gemm.dataflow = static_cast<std::int64_t>(o.dataflow);
  gemm.a = o.x;
  gemm.b = o.gradient;
  gemm.out = o.dw;
  gemm.m0 = m.first;
  gemm.m = m.count;
  gemm.n0 = c.n0;
  gemm.n = c.n;
  gemm.k0 = t.first;
  gemm.k = t.count;
  gemm.g0 = c.g0;
  gemm.g = c.g;
  gemm.rows = m.count;
  gemm.cols = c.n;
  gemm.depth = t.count;
  gemm.wide_operand = p.wide_operand ? 1 : 0;
  gemm.accumulate = t.first > 0 ? 1 : 0;
  Deps deps = acc.prior;
  deps.append(g_half.ready);
  deps.append(x_half.ready);
  const int id = b.emit(gemm, deps);
  b.use(acc, id);
  b.use(g_half, id);
  b.use(x_half, id);
  if (o.db >= 0 && m.first == 0) {
    Command sum = command_on(Opcode::kBiasSum, set, o.gradient, o.db);
    sum.accumulate = gemm.accumulate;
    const int bias = b.emit(sum, g_half.ready);
    b.use(g_half, bias);
    b.set_written(o.db, bias);
  }
  return id;
}

}  // namespace

void gemm_weight_gradient(Builder& b, const GemmShape& shape, int gradient, int x, int dw, int db) {
  const std::int64_t code = b.tensor(gradient).element_bytes;
  Operands o{{Gemm::kWeightGradient, shape, b.tensor(x).element_bytes, code,
              b.float32() ? 4 : kSumBytes, !b.float32() && code == 2},
             {},
             gradient,
             x,
             dw,
             db};
  const Product& p = o.product;
  Drain drain;
  drain.add_pass(p.result_bytes + 4);  // to f32
  drain.add_move(4);
  const Mapping mapping = b.map_product(p, drain);
  const Tiling& tiling = mapping.tiling;
  o.dataflow = mapping.dataflow;
  const Slices slices = cut_depth(p, tiling);
  const bool several = tiling.images > 1 && shape.batch % tiling.images != 1;
  StageNote note;
  note.product = &p;
  note.drain = &drain;
  note.mapping = &mapping;
  b.stage(note, [&] {
    for_each_columns(b, p, tiling, [&](const ColumnTile& c) {
      for_each_slice(b, slices, several, [&](const Span& m) {
        Half& acc = b.acquire(Pad::kAccumulator);
        int last = -1;
        for_each_pixels(b, p, tiling,
                        [&](const PixelTile& t) { last = emit_tile(b, o, t, c, m, slices, acc); });
        const ElementSet set =
            rows_of(c.g0 * p.columns() + c.n0, c.g * c.n, m.first, m.count, p.depth());
        Command convert = command_on(Opcode::kGradient, set, dw, dw);
        convert.b = gradient;
        convert.c = x;
        const int id = b.emit(convert, {last});
        b.use(acc, id);
        b.store(dw, set, Pad::kAccumulator, acc, {id});
      });
    });
  });
  if (db >= 0) {
    Command convert = command_on(Opcode::kGradient, {0, shape.out_c, 0, 0, 0}, db, db);
    convert.b = gradient;
    convert.flags = kBias;
    b.set_written(db, b.emit(convert, {b.written(db)}));
  }
}

}  // namespace octet::sim
