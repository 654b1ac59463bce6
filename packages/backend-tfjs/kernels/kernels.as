// AssemblyScript: f32 kernels on one thread with 128-bit vectors, at byte offsets of a memory that another module owns.
// Compiled into src/wasm/module.ts; test/wasm/module.test.ts compiles it again and compares.

// `[batch, m, k] . [batch, k, n]`, row-major
@inline
function cell(a: usize, b: usize, k: i32, rowB: usize): f32 {
  let sum: f32 = 0;
  for (let p: i32 = 0; p < k; p++) {
    sum += load<f32>(a) * load<f32>(b);
    a += 4;
    b += rowB;
  }
  return sum;
}

@inline
function block1(a: usize, b: usize, c: usize, k: i32, rowB: usize): void {
  let x = f32x4.splat(0);
  for (let p: i32 = 0; p < k; p++) {
    x = f32x4.add(x, f32x4.mul(v128.load32_splat(a), v128.load(b)));
    a += 4;
    b += rowB;
  }
  v128.store(c, x);
}

// four rows, eight columns
@inline
function block48(a: usize, b: usize, c: usize, k: i32, rowA: usize, rowB: usize): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  // the four sums of a row's halves stay in registers over the whole of k
  let a1 = a + rowA, a2 = a1 + rowA, a3 = a2 + rowA;
  for (let p: i32 = 0; p < k; p++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(s, b0));
    c01 = f32x4.add(c01, f32x4.mul(s, b1));
    s = v128.load32_splat(a1);
    c10 = f32x4.add(c10, f32x4.mul(s, b0));
    c11 = f32x4.add(c11, f32x4.mul(s, b1));
    s = v128.load32_splat(a2);
    c20 = f32x4.add(c20, f32x4.mul(s, b0));
    c21 = f32x4.add(c21, f32x4.mul(s, b1));
    s = v128.load32_splat(a3);
    c30 = f32x4.add(c30, f32x4.mul(s, b0));
    c31 = f32x4.add(c31, f32x4.mul(s, b1));
    a += 4; a1 += 4; a2 += 4; a3 += 4;
    b += rowB;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  c += rowB;
  v128.store(c, c10); v128.store(c, c11, 16);
  c += rowB;
  v128.store(c, c20); v128.store(c, c21, 16);
  c += rowB;
  v128.store(c, c30); v128.store(c, c31, 16);
}

function row(a: usize, b: usize, c: usize, from: i32, k: i32, n: i32, rowB: usize): void {
  let j = from;
  for (; j + 4 <= n; j += 4) block1(a, b + 4 * j, c + 4 * j, k, rowB);
  for (; j < n; j++) store<f32>(c + 4 * j, cell(a, b + 4 * j, k, rowB));
}

export function multiply(a: usize, b: usize, c: usize, batch: i32, m: i32, k: i32, n: i32): void {
  const rowA = <usize>(4 * k), rowB = <usize>(4 * n);
  const wide = n & ~7, tall = m & ~3;
  for (let t: i32 = 0; t < batch; t++) {
    for (let j: i32 = 0; j < wide; j += 8) {
      for (let i: i32 = 0; i < tall; i += 4) block48(a + <usize>i * rowA, b + 4 * j, c + <usize>i * rowB + 4 * j, k, rowA, rowB);
    }
    for (let i: i32 = 0; i < m; i++) row(a + <usize>i * rowA, b, c + <usize>i * rowB, i < tall ? wide : 0, k, n, rowB);
    a += <usize>m * rowA;
    b += <usize>k * rowB;
    c += <usize>m * rowB;
  }
}

@inline
function four(op: i32, x: v128, y: v128): v128 {
  if (op == 0) return f32x4.add(x, y);
  if (op == 1) return f32x4.sub(x, y);
  if (op == 2) return f32x4.mul(x, y);
  return f32x4.div(x, y);
}

@inline
function single(op: i32, x: f32, y: f32): f32 {
  if (op == 0) return x + y;
  if (op == 1) return x - y;
  if (op == 2) return x * y;
  return x / y;
}

// one row: both operands move, or the one with step 0 stays
@inline
function rowOf(op: i32, x: usize, y: usize, out: usize, length: i32, stepX: i32, stepY: i32): void {
  let i: i32 = 0;
  if (stepX != 0 && stepY != 0) {
    for (; i + 4 <= length; i += 4) v128.store(out + 4 * i, four(op, v128.load(x + 4 * i), v128.load(y + 4 * i)));
  } else if (stepX != 0) {
    const b = v128.load32_splat(y);
    for (; i + 4 <= length; i += 4) v128.store(out + 4 * i, four(op, v128.load(x + 4 * i), b));
  } else if (stepY != 0) {
    const a = v128.load32_splat(x);
    for (; i + 4 <= length; i += 4) v128.store(out + 4 * i, four(op, a, v128.load(y + 4 * i)));
  }
  for (; i < length; i++) {
    store<f32>(out + 4 * i, single(op, load<f32>(x + 4 * i * stepX), load<f32>(y + 4 * i * stepY)));
  }
}

@inline
function rowsOf(op: i32, x: usize, y: usize, out: usize, count: i32, length: i32, outerX: i32, outerY: i32, stepX: i32, stepY: i32): void {
  for (let r: i32 = 0; r < count; r++) {
    rowOf(op, x + <usize>(4 * r) * outerX, y + <usize>(4 * r) * outerY, out + <usize>(4 * r) * length, length, stepX, stepY);
  }
}

// out = x op y (0 add, 1 sub, 2 mul, 3 div): rows whose beginnings lie `outer` elements apart, along which operands move by 0 or 1
export function arithmetic(op: i32, x: usize, y: usize, out: usize, count: i32, length: i32, outerX: i32, outerY: i32, stepX: i32, stepY: i32): void {
  if (op == 0) rowsOf(0, x, y, out, count, length, outerX, outerY, stepX, stepY);
  else if (op == 1) rowsOf(1, x, y, out, count, length, outerX, outerY, stepX, stepY);
  else if (op == 2) rowsOf(2, x, y, out, count, length, outerX, outerY, stepX, stepY);
  else rowsOf(3, x, y, out, count, length, outerX, outerY, stepX, stepY);
}
