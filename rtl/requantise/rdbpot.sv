// RDBPOT, rounding divide by a power of two.
//
// Widths:   W bits signed in and out (W >= 32), exponent 0 to 31.
// Rounding: sign(x) ((|x| + 2^(e-1)) >> e): to nearest, ties away from zero; e = 0 gives x.
// Cycles:   combinational. Source: docs/numerics.md section 2.
module rdbpot #(
    parameter int W = 32
) (
    input  logic signed [W-1:0] x_i,
    input  logic        [  4:0] exponent_i,
    output logic signed [W-1:0] y_o
);
  logic [W:0] magnitude, half, rounded;
  logic [W:0] signed_result;

  assign magnitude = x_i[W-1] ? -{x_i[W-1], x_i} : {1'b0, x_i};
  assign half = ((W + 1)'(1) << exponent_i) >> 1;
  assign rounded = (magnitude + half) >> exponent_i;
  assign signed_result = x_i[W-1] ? -rounded : rounded;
  assign y_o = signed_result[W-1:0];

  logic unused_top;
  assign unused_top = signed_result[W];
endmodule
