// One requantiser lane: a wide value to its code, sat(z + RQ(x), 0, Q) or sat(z + RS(x), 0, Q).
//
// Widths:   x and mantissa 32 bits signed, exponent 6 bits signed in [-30, 31], zero point and
//           q_max 16 bits unsigned, 16 random bits (stochastic only); code 16 bits unsigned.
//           clipped_o: the value fell outside [0, q_max].
// Rounding: nearest (SRDHM, then RDBPOT) or stochastic: requantise_core.
// Cycles:   latency 4, one element a cycle: N elements take N + 4 from the first in to the last
//           out, both cycles counted; a refused output holds the pipeline.
// Source:   docs/numerics.md section 2.
module requantise (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic               valid_i,
    output logic               ready_o,
    input  logic signed [31:0] x_i,
    input  logic signed [31:0] mantissa_i,
    input  logic signed [ 5:0] exponent_i,
    input  logic        [15:0] zero_point_i,
    input  logic        [15:0] q_max_i,
    input  logic               stochastic_i,
    input  logic        [15:0] random_i,
    output logic               valid_o,
    input  logic               ready_i,
    output logic        [15:0] code_o,
    output logic               clipped_o
);
  logic value_valid, value_ready;
  logic signed [31:0] value;
  logic [15:0] zero_point, q_max;
  requantise_core #(
      .TAG_W(32)
  ) u_core (
      .clk_i       (clk_i),
      .rst_ni      (rst_ni),
      .valid_i     (valid_i),
      .ready_o     (ready_o),
      .x_i         (x_i),
      .mantissa_i  (mantissa_i),
      .exponent_i  (exponent_i),
      .stochastic_i(stochastic_i),
      .random_i    (random_i),
      .tag_i       ({zero_point_i, q_max_i}),
      .valid_o     (value_valid),
      .ready_i     (value_ready),
      .value_o     (value),
      .tag_o       ({zero_point, q_max})
  );

  logic valid_q, clipped_q, below, above;
  logic [15:0] code_q;
  logic signed [32:0] sum;  // at most 2^31 - 1 + 65,535
  assign sum         = 33'(value) + $signed({17'd0, zero_point});
  assign below       = sum < 0;
  assign above       = sum > $signed({17'd0, q_max});
  assign value_ready = !valid_q || ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 1'b0;
    else if (value_ready) valid_q <= value_valid;
  end
  always_ff @(posedge clk_i) begin
    if (value_ready) begin
      code_q    <= below ? '0 : (above ? q_max : sum[15:0]);
      clipped_q <= below || above;
    end
  end

  assign valid_o   = valid_q;
  assign code_o    = code_q;
  assign clipped_o = clipped_q;
endmodule
