// Addressed random bits: Threefry-2x32 of (seed, step, stream, block), iterative, four rounds a
// cycle.
//
// Widths:   seed and step 32 bits (the key), stream 16 bits, block 48 bits (element index >> 2);
//           64 bits out: bits [16 j +: 16] serve element 4 block + j.
// Rounding: none; 32-bit add, rotate and xor only.
// Cycles:   a block takes 1 + ceil(ROUNDS / 4) from its acceptance to the cycle before valid_o (13
//           rounds: 5), and the next may be accepted while the last is taken: 5 cycles a block.
// Source:   docs/numerics.md section 3. ROUNDS is 13; 20 is for the published test vectors.
module threefry #(
    parameter int ROUNDS = 13
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        valid_i,
    output logic        ready_o,
    input  logic [31:0] seed_i,
    input  logic [31:0] step_i,
    input  logic [15:0] stream_i,
    input  logic [47:0] block_i,
    output logic        valid_o,
    input  logic        ready_i,
    output logic [63:0] bits_o
);
  localparam int TURNS = (ROUNDS + 3) / 4;  // cycles of up to four rounds
  localparam int TURN_W = $clog2(TURNS + 1);
  localparam int LAST_ROUNDS = ROUNDS - 4 * (TURNS - 1);

  logic busy_q, odd_q;
  logic [TURN_W-1:0] turn_q;
  logic [31:0] x0_q, x1_q;
  // The three key words, rotated once a turn: k0 is the next to be added to x0, k1 to x1.
  logic [31:0] k0_q, k1_q, k2_q;
  logic done, accept;

  assign done    = turn_q == TURN_W'(TURNS);
  assign valid_o = busy_q && done;
  assign ready_o = !busy_q || (valid_o && ready_i);
  assign accept  = valid_i && ready_o;
  assign bits_o  = {x1_q, x0_q};

  // Up to four rounds; the last turn may hold fewer and then adds no key.
  logic [31:0] x0_next, x1_next;
  logic last_turn;
  assign last_turn = turn_q == TURN_W'(TURNS - 1);
  always_comb begin
    x0_next = x0_q;
    x1_next = x1_q;
    for (int j = 0; j < 4; j++) begin
      if (!last_turn || j < LAST_ROUNDS) begin
        x0_next = x0_next + x1_next;
        case ({odd_q, 2'(j)})
          3'd0: x1_next = {x1_next[18:0], x1_next[31:19]};  // 13
          3'd1: x1_next = {x1_next[16:0], x1_next[31:17]};  // 15
          3'd2: x1_next = {x1_next[5:0], x1_next[31:6]};  // 26
          3'd3: x1_next = {x1_next[25:0], x1_next[31:26]};  // 6
          3'd4: x1_next = {x1_next[14:0], x1_next[31:15]};  // 17
          3'd5: x1_next = {x1_next[2:0], x1_next[31:3]};  // 29
          3'd6: x1_next = {x1_next[15:0], x1_next[31:16]};  // 16
          default: x1_next = {x1_next[7:0], x1_next[31:8]};  // 24
        endcase
        x1_next = x1_next ^ x0_next;
      end
    end
    if (!last_turn || LAST_ROUNDS == 4) begin
      x0_next = x0_next + k0_q;
      x1_next = x1_next + k1_q + 32'(turn_q) + 32'd1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      turn_q <= '0;
      odd_q  <= 1'b0;
    end else if (accept) begin
      busy_q <= 1'b1;
      turn_q <= '0;
      odd_q  <= 1'b0;
    end else if (busy_q && !done) begin
      turn_q <= turn_q + 1'b1;
      odd_q  <= !odd_q;
    end else if (valid_o && ready_i) begin
      busy_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (accept) begin
      x0_q <= block_i[31:0] + seed_i;
      x1_q <= {block_i[47:32], stream_i} + step_i;
      k0_q <= step_i;
      k1_q <= 32'h1BD1_1BDA ^ seed_i ^ step_i;
      k2_q <= seed_i;
    end else if (busy_q && !done) begin
      x0_q <= x0_next;
      x1_q <= x1_next;
      k0_q <= k1_q;
      k1_q <= k2_q;
      k2_q <= k0_q;
    end
  end
endmodule
