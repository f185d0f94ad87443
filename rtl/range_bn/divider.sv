// Sequential restoring divider, unsigned, one quotient bit a cycle.
//
// Widths:   dividend DIVIDEND_W, divisor DIVISOR_W (never 0); only the top steps_i bits of the
//           dividend are divided, so a narrow dividend comes left-aligned and takes fewer cycles.
//           Quotient DIVIDEND_W, remainder DIVISOR_W.
// Rounding: floor; the remainder is exact, callers round with it.
// Cycles:   steps + 2 a division: one to accept, steps, one to hand over.
// Source:   docs/numerics.md sections 1 (div_away) and 6.
module divider #(
    parameter int DIVIDEND_W = 48,
    parameter int DIVISOR_W  = 25
) (
    input  logic                                clk_i,
    input  logic                                rst_ni,
    input  logic                                valid_i,
    output logic                                ready_o,
    input  logic [              DIVIDEND_W-1:0] dividend_i,
    input  logic [               DIVISOR_W-1:0] divisor_i,
    input  logic [$clog2(DIVIDEND_W + 1) - 1:0] steps_i,
    output logic                                valid_o,
    input  logic                                ready_i,
    output logic [              DIVIDEND_W-1:0] quotient_o,
    output logic [               DIVISOR_W-1:0] remainder_o
);
  localparam int STEPS_W = $clog2(DIVIDEND_W + 1);

  logic busy_q;
  logic [STEPS_W-1:0] left_q;
  logic [DIVIDEND_W-1:0] dividend_q;  // the rest of the dividend above, the quotient below
  logic [DIVISOR_W-1:0] divisor_q, remainder_q;

  assign ready_o     = !busy_q;
  assign valid_o     = busy_q && left_q == '0;
  assign quotient_o  = dividend_q;
  assign remainder_o = remainder_q;

  logic [DIVISOR_W:0] trial, difference;
  logic fits;
  assign trial      = {remainder_q, dividend_q[DIVIDEND_W-1]};
  assign fits       = trial >= {1'b0, divisor_q};
  assign difference = trial - {1'b0, divisor_q};

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      left_q <= '0;
    end else if (valid_i && ready_o) begin
      busy_q <= 1'b1;
      left_q <= steps_i;
    end else if (valid_o) begin
      if (ready_i) busy_q <= 1'b0;
    end else if (busy_q) begin
      left_q <= left_q - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_i && ready_o) begin
      dividend_q  <= dividend_i;
      divisor_q   <= divisor_i;
      remainder_q <= '0;
    end else if (busy_q && !valid_o) begin
      dividend_q  <= {dividend_q[DIVIDEND_W-2:0], fits};
      remainder_q <= fits ? difference[DIVISOR_W-1:0] : trial[DIVISOR_W-1:0];
    end
  end

  logic unused_top;
  assign unused_top = difference[DIVISOR_W];
endmodule
