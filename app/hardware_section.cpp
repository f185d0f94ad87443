// The machine in a result: every field that a hardware file or a memory's kind can set. What a
// reader looks at first is flat; the rest is in objects, by the names of the files' fields.
#include <fmt/format.h>

#include "app/result.hpp"

namespace octet::app {
namespace {

using Json = nlohmann::ordered_json;

Json ports(const sim::Scratchpad& pad) {
  return {{"banks", pad.banks}, {"width_bytes", pad.width_bytes}};
}

Json controller(const sim::Dram& dram) {
  return {{"ranks", dram.ranks},
          {"mapping", dram.mapping.text},
          {"page", dram.page == sim::DramPage::kOpen ? "open" : "closed"},
          {"scheduler", dram.scheduler == sim::DramScheduler::kInOrder ? "in_order" : "fr_fcfs"},
          {"queue", dram.queue},
          {"bank_queue", dram.bank_queue},
          {"refresh", dram.t.refi > 0}};
}

Json kind(const sim::Dram& dram) {
  const sim::DramTimes& t = dram.t;
  return {{"energy", dram.prices},
          {"clock_hz", dram.clock_hz},
          {"burst_bytes", dram.burst_bytes},
          {"burst_clocks", dram.burst_clocks},
          {"bank_groups", dram.bank_groups},
          {"banks_per_group", dram.banks},
          {"rows", dram.rows},
          {"row_bytes", dram.row_bytes},
          {"cl_clk", t.cl},
          {"cwl_clk", t.cwl},
          {"trcd_rd_clk", t.rcd_rd},
          {"trcd_wr_clk", t.rcd_wr},
          {"trp_clk", t.rp},
          {"tras_clk", t.ras},
          {"tccd_s_clk", t.ccd_s},
          {"tccd_l_clk", t.ccd_l},
          {"trrd_s_clk", t.rrd_s},
          {"trrd_l_clk", t.rrd_l},
          {"tfaw_clk", t.faw},
          {"twtr_s_clk", t.wtr_s},
          {"twtr_l_clk", t.wtr_l},
          {"twr_clk", t.wr},
          {"trtp_clk", t.rtp},
          {"trtrs_clk", t.rtrs},
          {"trefi_clk", t.refi},
          {"trfc_clk", t.rfc}};
}

}  // namespace

std::string array_text(const sim::Hardware& h) {
  return h.arrays == 1 ? fmt::format("{}x{} array", h.rows, h.cols)
                       : fmt::format("{} arrays of {}x{}", h.arrays, h.rows, h.cols);
}

Json hardware_section(const sim::Hardware& h) {
  return {{"name", h.name},
          {"clock_hz", h.clock_hz},
          {"array_rows", h.rows},
          {"array_cols", h.cols},
          {"arrays", h.arrays},
          {"dataflow", h.dataflow ? sim::dataflow_name(*h.dataflow) : "auto"},
          {"fold_overlap", h.fold_overlap},
          {"gradient_datapath",
           h.gradient_datapath == sim::GradientDatapath::kNative ? "native" : "two_pass"},
          {"activation_bytes", h.activation.bytes},
          {"weight_bytes", h.weight.bytes},
          {"accumulator_bytes", h.accumulator.bytes},
          {"dram", h.dram.kind},
          {"dram_channels", h.dram.channels},
          {"dma_in_flight", h.dma_in_flight},
          {"vector_lanes", h.vector_lanes},
          {"vector_depth", h.vector_depth},
          {"range_bn_lanes", h.range_bn.lanes},
          {"range_bn_divider_cycles", h.range_bn.divider_cycles},
          {"update_lanes", h.update_lanes},
          {"technology", h.technology},
          {"datapath", sim::datapath_name(h.datapath)},
          {"float32_values", h.float32_values},
          {"scratchpads",
           {{"activation", ports(h.activation)},
            {"weight", ports(h.weight)},
            {"accumulator", ports(h.accumulator)}}},
          {"dram_controller", controller(h.dram)},
          {"dram_kind", kind(h.dram)}};
}

}  // namespace octet::app
