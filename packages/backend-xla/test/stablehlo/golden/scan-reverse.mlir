module @program attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3xf32> loc("h"), %arg1: tensor<f32> loc("scale"), %arg2: tensor<5x3x3xf32> loc("w")) -> (tensor<2x3xf32>, tensor<5xf32>) {
    %0 = stablehlo.constant dense<0.0> : tensor<f32> loc("scan#0")
    %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f32>) -> tensor<5xf32> loc("scan#0")
    %2 = stablehlo.constant dense<0> : tensor<i32> loc("scan#0")
    %8:5 = stablehlo.while(%3 = %2, %4 = %arg1, %5 = %arg0, %6 = %arg2, %7 = %1) : tensor<i32>, tensor<f32>, tensor<2x3xf32>, tensor<5x3x3xf32>, tensor<5xf32> cond {
      %9 = stablehlo.constant dense<5> : tensor<i32> loc("scan#0")
      %10 = stablehlo.compare LT, %3, %9, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1> loc("scan#0")
      stablehlo.return %10 : tensor<i1>
    } do {
      %11 = stablehlo.constant dense<0> : tensor<i32> loc("scan#0")
      %12 = stablehlo.constant dense<4> : tensor<i32> loc("scan#0")
      %13 = stablehlo.subtract %12, %3 : tensor<i32> loc("scan#0")
      %14 = stablehlo.dynamic_slice %6, %13, %11, %11, sizes = [1, 3, 3] : (tensor<5x3x3xf32>, tensor<i32>, tensor<i32>, tensor<i32>) -> tensor<1x3x3xf32> loc("scan#0")
      %15 = stablehlo.reshape %14 : (tensor<1x3x3xf32>) -> tensor<3x3xf32> loc("scan#0")
      %16 = stablehlo.dot_general %5, %15, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x3xf32> loc("scan#0/block#0/dot_general#0")
      %17 = stablehlo.broadcast_in_dim %4, dims = [] : (tensor<f32>) -> tensor<2x3xf32> loc("scan#0/block#0/broadcast_in_dim#1")
      %18 = stablehlo.multiply %16, %17 : tensor<2x3xf32> loc("scan#0/block#0/mul#2")
      %19 = stablehlo.tanh %18 : tensor<2x3xf32> loc("scan#0/block#0/tanh#3")
      %20 = stablehlo.constant dense<0.0> : tensor<f32> loc("scan#0/reduce_sum#1")
      %21 = stablehlo.reduce(%19 init: %20) applies stablehlo.add across dimensions = [0, 1] : (tensor<2x3xf32>, tensor<f32>) -> tensor<f32> loc("scan#0/reduce_sum#1")
      %22 = stablehlo.constant dense<1> : tensor<i32> loc("scan#0")
      %23 = stablehlo.add %3, %22 : tensor<i32> loc("scan#0")
      %24 = stablehlo.reshape %21 : (tensor<f32>) -> tensor<1xf32> loc("scan#0")
      %25 = stablehlo.dynamic_update_slice %7, %24, %13 : (tensor<5xf32>, tensor<1xf32>, tensor<i32>) -> tensor<5xf32> loc("scan#0")
      stablehlo.return %23, %4, %19, %6, %25 : tensor<i32>, tensor<f32>, tensor<2x3xf32>, tensor<5x3x3xf32>, tensor<5xf32>
    } loc("scan#0")
    return %8#2, %8#4 : tensor<2x3xf32>, tensor<5xf32>
  }
}
