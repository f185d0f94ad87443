// RDBPOT as gemmlowp writes it (a floor shift, plus one where the remainder passes a threshold), for
// the proof that rdbpot.sv is the same function; never instantiated in the design.
//
// Widths:   W bits signed in and out, exponent 0 to 31.
// Rounding: to nearest, ties away from zero.
// Cycles:   combinational. Source: docs/numerics.md section 2.
module rdbpot_gemmlowp #(
    parameter int W = 32
) (
    input  logic signed [W-1:0] x_i,
    input  logic        [  4:0] exponent_i,
    output logic signed [W-1:0] y_o
);
  logic [W-1:0] mask, remainder, threshold;
  logic signed [W-1:0] quotient;
  assign mask      = (W'(1) << exponent_i) - W'(1);
  assign remainder = $unsigned(x_i) & mask;
  assign threshold = (mask >> 1) + W'(x_i[W-1]);
  assign quotient  = x_i >>> exponent_i;
  assign y_o       = quotient + $signed(W'(remainder > threshold));
endmodule
