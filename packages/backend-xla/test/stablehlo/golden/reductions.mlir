module @program attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3xf16> loc("h"), %arg1: tensor<6xi32> loc("i"), %arg2: tensor<2x3xf32> loc("x")) -> (tensor<2xf32>, tensor<2xi32>, tensor<6xi32>, tensor<f16>) {
    %0 = stablehlo.constant dense<0xFF800000> : tensor<f32> loc("reduce_max#0")
    %1 = stablehlo.reduce(%arg2 init: %0) applies stablehlo.maximum across dimensions = [1] : (tensor<2x3xf32>, tensor<f32>) -> tensor<2xf32> loc("reduce_max#0")
    %2 = stablehlo.iota dim = 1 : tensor<2x3xi32> loc("argmax#1")
    %3 = stablehlo.constant dense<0xFF800000> : tensor<f32> loc("argmax#1")
    %4 = stablehlo.constant dense<0> : tensor<i32> loc("argmax#1")
    %9:2 = stablehlo.reduce(%arg2 init: %3), (%2 init: %4) across dimensions = [1] : (tensor<2x3xf32>, tensor<2x3xi32>, tensor<f32>, tensor<i32>) -> (tensor<2xf32>, tensor<2xi32>) reducer(%5: tensor<f32>, %6: tensor<f32>) (%7: tensor<i32>, %8: tensor<i32>) {
      %10 = stablehlo.compare LT, %7, %8, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1> loc("argmax#1")
      %11 = stablehlo.compare GT, %5, %6, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1> loc("argmax#1")
      %12 = stablehlo.compare EQ, %5, %6, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1> loc("argmax#1")
      %13 = stablehlo.compare NE, %5, %5, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1> loc("argmax#1")
      %14 = stablehlo.compare NE, %6, %6, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1> loc("argmax#1")
      %15 = stablehlo.not %14 : tensor<i1> loc("argmax#1")
      %16 = stablehlo.and %13, %15 : tensor<i1> loc("argmax#1")
      %17 = stablehlo.or %11, %16 : tensor<i1> loc("argmax#1")
      %18 = stablehlo.and %13, %14 : tensor<i1> loc("argmax#1")
      %19 = stablehlo.or %12, %18 : tensor<i1> loc("argmax#1")
      %20 = stablehlo.and %19, %10 : tensor<i1> loc("argmax#1")
      %21 = stablehlo.or %17, %20 : tensor<i1> loc("argmax#1")
      %22 = stablehlo.select %21, %5, %6 : tensor<i1>, tensor<f32> loc("argmax#1")
      %23 = stablehlo.select %21, %7, %8 : tensor<i1>, tensor<i32> loc("argmax#1")
      stablehlo.return %22, %23 : tensor<f32>, tensor<i32>
    } loc("argmax#1")
    %24 = stablehlo.constant dense<0> : tensor<i32> loc("cumsum#2")
    %25 = stablehlo.pad %arg1, %24, low = [1], high = [-1], interior = [0] : (tensor<6xi32>, tensor<i32>) -> tensor<6xi32> loc("cumsum#2")
    %26 = stablehlo.add %arg1, %25 : tensor<6xi32> loc("cumsum#2")
    %27 = stablehlo.pad %26, %24, low = [2], high = [-2], interior = [0] : (tensor<6xi32>, tensor<i32>) -> tensor<6xi32> loc("cumsum#2")
    %28 = stablehlo.add %26, %27 : tensor<6xi32> loc("cumsum#2")
    %29 = stablehlo.pad %28, %24, low = [4], high = [-4], interior = [0] : (tensor<6xi32>, tensor<i32>) -> tensor<6xi32> loc("cumsum#2")
    %30 = stablehlo.add %28, %29 : tensor<6xi32> loc("cumsum#2")
    %31 = stablehlo.convert %arg0 : (tensor<2x3xf16>) -> tensor<2x3xf32> loc("reduce_sum#3")
    %32 = stablehlo.constant dense<0.0> : tensor<f32> loc("reduce_sum#3")
    %33 = stablehlo.reduce(%31 init: %32) applies stablehlo.add across dimensions = [0, 1] : (tensor<2x3xf32>, tensor<f32>) -> tensor<f32> loc("reduce_sum#3")
    %34 = stablehlo.convert %33 : (tensor<f32>) -> tensor<f16> loc("reduce_sum#3")
    return %1, %9#1, %30, %34 : tensor<2xf32>, tensor<2xi32>, tensor<6xi32>, tensor<f16>
  }
}
