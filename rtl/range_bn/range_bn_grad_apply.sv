// Range-BN data gradient of one channel:
//   e_i = 256 (g_i - z) - mg - t ([i is its chunk's maximum] - [i is its chunk's minimum]).
//
// Widths:   g and z 8 bits, mg 18 signed, t 31 signed, rows 24 (n <= 2^24), e 32 signed.
// Rounding: none here; mg and t come rounded from range_bn_scalars.
// Cycles:   load_i one cycle, then one value a cycle, latency 1. The extremes of a chunk are taken
//           one chunk ahead: a value waits while those of its chunk have not come.
// Source:   docs/numerics.md section 6, Gradients.
module range_bn_grad_apply (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic               load_i,
    input  logic               dead_i,         // R = 0: every e is 0
    input  logic        [ 7:0] zero_point_i,
    input  logic signed [17:0] mean_i,         // mg
    input  logic signed [30:0] extreme_i,      // t
    // Extremes of the chunks, in order.
    input  logic               ext_enable_i,
    input  logic               ext_valid_i,
    output logic               ext_ready_o,
    input  logic        [23:0] argmax_i,
    input  logic        [23:0] argmin_i,
    // Values; chunk_last_i from range_bn_chunks, last_i marks the channel's last.
    input  logic               valid_i,
    output logic               ready_o,
    input  logic        [ 7:0] g_i,
    input  logic               chunk_last_i,
    input  logic               last_i,
    output logic               valid_o,
    input  logic               ready_i,
    output logic signed [31:0] e_o,
    output logic               last_o
);
  logic held_q;
  logic [23:0] argmax_q, argmin_q, row_q;
  logic valid_q, last_q;
  logic signed [31:0] e_q;
  logic take, release_ext;

  assign ready_o     = held_q && (!valid_q || ready_i);
  assign take        = valid_i && ready_o;
  assign release_ext = take && chunk_last_i;
  assign ext_ready_o = ext_enable_i && (!held_q || (release_ext && !last_i));

  logic is_max, is_min;
  logic signed [31:0] centred, mean, extreme, step;
  assign is_max = row_q == argmax_q;
  assign is_min = row_q == argmin_q;
  assign centred = $signed({16'd0, g_i, 8'd0}) - $signed({16'd0, zero_point_i, 8'd0});
  assign mean = 32'(mean_i);
  assign extreme = 32'(extreme_i);
  always_comb begin
    step = '0;
    if (is_max && !is_min) step = extreme;
    if (is_min && !is_max) step = -extreme;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      held_q  <= 1'b0;
      valid_q <= 1'b0;
    end else begin
      if (ext_valid_i && ext_ready_o) held_q <= 1'b1;
      else if (release_ext) held_q <= 1'b0;
      if (take) valid_q <= 1'b1;
      else if (ready_i) valid_q <= 1'b0;
    end
  end
  always_ff @(posedge clk_i) begin
    if (ext_valid_i && ext_ready_o) begin
      argmax_q <= argmax_i;
      argmin_q <= argmin_i;
    end
    if (load_i) begin
      row_q <= '0;
    end else if (take) begin
      row_q  <= row_q + 1'b1;
      last_q <= last_i;
      e_q    <= dead_i ? '0 : centred - mean - step;
    end
  end

  assign valid_o = valid_q;
  assign e_o     = e_q;
  assign last_o  = last_q;
endmodule
