// One processing element of the MAC array: output stationary, one multiply-accumulate a cycle.
//
// Widths:   operands A_W and B_W bits signed (zero points removed), accumulator ACC_W bits signed.
// Rounding: none; the sum is exact as long as it fits ACC_W (docs/numerics.md section 11).
// Cycles:   a step that is valid in cycle t is in acc_o from cycle t+1; operands leave to the right
//           (a_o) and downwards (b_o) in cycle t+1. shift_i replaces acc_o by acc_i, the
//           accumulator of the element below; it is never raised with valid_i.
// Source:   docs/numerics.md section 5.
module mac_pe #(
    parameter int A_W   = 9,
    parameter int B_W   = 17,
    parameter int ACC_W = 56
) (
    input  logic                    clk_i,
    input  logic                    rst_ni,
    input  logic                    valid_i,
    input  logic                    first_i,
    input  logic signed [  A_W-1:0] a_i,
    input  logic signed [  B_W-1:0] b_i,
    output logic                    valid_o,
    output logic                    first_o,
    output logic signed [  A_W-1:0] a_o,
    output logic signed [  B_W-1:0] b_o,
    input  logic                    shift_i,
    input  logic signed [ACC_W-1:0] acc_i,
    output logic signed [ACC_W-1:0] acc_o
);
  localparam int PRODUCT_W = A_W + B_W;

  logic valid_q, first_q;
  logic signed [A_W-1:0] a_q;
  logic signed [B_W-1:0] b_q;
  logic signed [ACC_W-1:0] acc_q;
  logic signed [PRODUCT_W-1:0] product;
  logic signed [ACC_W-1:0] start;

  assign product = PRODUCT_W'(a_i) * PRODUCT_W'(b_i);
  assign start   = first_i ? '0 : acc_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      first_q <= 1'b0;
    end else begin
      valid_q <= valid_i;
      first_q <= first_i;
    end
  end

  always_ff @(posedge clk_i) begin
    a_q <= a_i;
    b_q <= b_i;
    if (shift_i) acc_q <= acc_i;
    else if (valid_i) acc_q <= start + ACC_W'(product);
  end

  assign valid_o = valid_q;
  assign first_o = first_q;
  assign a_o     = a_q;
  assign b_o     = b_q;
  assign acc_o   = acc_q;
endmodule
