// MAC array: ROWS x COLS output-stationary systolic array for C[r][c] = sum_k a_k[r] b_k[c].
//
// One step k brings one column of A (ROWS values) and one row of B (COLS values). The array skews
// them itself; last_i marks the last step of a tile. Then the sums leave row by row, row 0 first.
//
// Widths:   a_i ROWS x A_W (9: 8-bit code less zero point), b_i COLS x B_W (9 for 8x8, 17 for
//           8x16), row_o COLS x ACC_W; element 0 in the low bits.
// Rounding: none; sums are exact as long as they fit ACC_W: 32 bits for 8x8 up to K = 33,025,
//           56 bits for 8x16 up to K = 2,155,905,152.
// Stalls:   a cycle without valid_i in a tile is a bubble; a cycle without ready_i holds the drain.
// Cycles:   a tile of K steps takes K + (ROWS + COLS - 2) + ROWS cycles from its first accepted
//           step to its last row, plus one for each bubble and each held drain cycle.
// Source:   docs/numerics.md section 5.
module mac_array #(
    parameter int ROWS  = 8,
    parameter int COLS  = 8,
    parameter int A_W   = 9,
    parameter int B_W   = 17,
    parameter int ACC_W = 56
) (
    input  logic                  clk_i,
    input  logic                  rst_ni,
    // Steps.
    input  logic                  valid_i,
    output logic                  ready_o,
    input  logic                  last_i,
    input  logic [  ROWS*A_W-1:0] a_i,
    input  logic [  COLS*B_W-1:0] b_i,
    // Rows of sums.
    output logic                  valid_o,
    input  logic                  ready_i,
    output logic                  last_o,
    output logic [COLS*ACC_W-1:0] row_o
);
  localparam int FLUSH = ROWS + COLS - 2;  // cycles for the last step to reach the far corner
  localparam int COUNT_W = $clog2(ROWS + COLS + 1);

  typedef enum logic [1:0] {
    Accept,
    Flush,
    Drain
  } state_e;
  state_e state_q;
  logic [COUNT_W-1:0] count_q;
  logic first_q;
  logic step, shift;

  assign ready_o = state_q == Accept;
  assign valid_o = state_q == Drain;
  assign last_o  = count_q == COUNT_W'(ROWS - 1);
  assign step    = valid_i && ready_o;
  assign shift   = valid_o && ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Accept;
      count_q <= '0;
      first_q <= 1'b1;
    end else begin
      case (state_q)
        Accept: begin
          if (step) begin
            first_q <= last_i;
            if (last_i) state_q <= (FLUSH == 0) ? Drain : Flush;
          end
        end
        Flush: begin
          if (count_q == COUNT_W'(FLUSH - 1)) begin
            count_q <= '0;
            state_q <= Drain;
          end else begin
            count_q <= count_q + 1'b1;
          end
        end
        default: begin
          if (shift) begin
            if (last_o) begin
              count_q <= '0;
              state_q <= Accept;
            end else begin
              count_q <= count_q + 1'b1;
            end
          end
        end
      endcase
    end
  end

  // Nets between the elements: index [r][c] enters element (r, c).
  logic valid_net[ROWS][COLS+1];
  logic first_net[ROWS][COLS+1];
  logic signed [A_W-1:0] a_net[ROWS][COLS+1];
  logic signed [B_W-1:0] b_net[ROWS+1][COLS];
  logic signed [ACC_W-1:0] acc_net[ROWS+1][COLS];

  for (genvar r = 0; r < ROWS; r++) begin : gen_row
    skew #(
        .WIDTH(A_W + 2),
        .DEPTH(r)
    ) u_skew (
        .clk_i (clk_i),
        .rst_ni(rst_ni),
        .d_i   ({step, first_q, a_i[A_W*r+:A_W]}),
        .q_o   ({valid_net[r][0], first_net[r][0], a_net[r][0]})
    );
    for (genvar c = 0; c < COLS; c++) begin : gen_col
      mac_pe #(
          .A_W  (A_W),
          .B_W  (B_W),
          .ACC_W(ACC_W)
      ) u_pe (
          .clk_i  (clk_i),
          .rst_ni (rst_ni),
          .valid_i(valid_net[r][c]),
          .first_i(first_net[r][c]),
          .a_i    (a_net[r][c]),
          .b_i    (b_net[r][c]),
          .valid_o(valid_net[r][c+1]),
          .first_o(first_net[r][c+1]),
          .a_o    (a_net[r][c+1]),
          .b_o    (b_net[r+1][c]),
          .shift_i(shift),
          .acc_i  (acc_net[r+1][c]),
          .acc_o  (acc_net[r][c])
      );
    end
    // What leaves the right edge has no reader.
    logic unused_right;
    assign unused_right = ^{valid_net[r][COLS], first_net[r][COLS], a_net[r][COLS]};
  end

  for (genvar c = 0; c < COLS; c++) begin : gen_edge
    skew #(
        .WIDTH(B_W),
        .DEPTH(c)
    ) u_skew (
        .clk_i (clk_i),
        .rst_ni(rst_ni),
        .d_i   (b_i[B_W*c+:B_W]),
        .q_o   (b_net[0][c])
    );
    assign acc_net[ROWS][c]      = '0;
    assign row_o[ACC_W*c+:ACC_W] = acc_net[0][c];
    logic unused_bottom;
    assign unused_bottom = ^b_net[ROWS][c];
  end

  initial begin
    if (ROWS < 1 || COLS < 1 || ACC_W < A_W + B_W) $fatal(1, "mac_array: parameters");
  end
endmodule
