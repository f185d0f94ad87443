// A delay line: q_o is d_i of DEPTH cycles ago (0 after reset). DEPTH 0 is a wire.
//
// Widths:   WIDTH bits in and out. Rounding: none. Cycles: DEPTH.
// Source:   docs/numerics.md section 5 (the order of the operands; bits pass unchanged).
module skew #(
    parameter int WIDTH = 8,
    parameter int DEPTH = 1
) (
    input  logic             clk_i,
    input  logic             rst_ni,
    input  logic [WIDTH-1:0] d_i,
    output logic [WIDTH-1:0] q_o
);
  if (DEPTH == 0) begin : gen_wire
    logic unused_clock;
    assign unused_clock = clk_i ^ rst_ni;
    assign q_o = d_i;
  end else begin : gen_line
    localparam int LINE_W = DEPTH * WIDTH;
    logic [LINE_W-1:0] line_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) line_q <= '0;
      else line_q <= LINE_W'({line_q, d_i});
    end
    assign q_o = line_q[LINE_W-1-:WIDTH];
  end
endmodule
