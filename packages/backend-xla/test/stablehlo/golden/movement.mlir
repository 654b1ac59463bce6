module @program attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3xf32> loc("x")) -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x4xf32>, tensor<3x5xf32>, tensor<2x2x3xf32>) {
    %0 = stablehlo.constant dense<[[0x7FC00000, 0x80000000, 0x000116C2], [0.10000000149011612, 1.0, 0xFF800000]]> : tensor<2x3xf32> loc("constant#0")
    %1 = stablehlo.multiply %arg0, %0 : tensor<2x3xf32> loc("mul#1")
    %2 = stablehlo.iota dim = 1 : tensor<2x3xf32> loc("iota#2")
    %3 = stablehlo.reshape %arg0 : (tensor<2x3xf32>) -> tensor<3x2xf32> loc("reshape#3")
    %4 = stablehlo.transpose %3, dims = [1, 0] : (tensor<3x2xf32>) -> tensor<2x3xf32> loc("transpose#4")
    %5 = stablehlo.add %2, %4 : tensor<2x3xf32> loc("add#5")
    %6 = stablehlo.slice %arg0 [0:2, 1:3] : (tensor<2x3xf32>) -> tensor<2x2xf32> loc("slice#6")
    %7 = stablehlo.slice %arg0 [0:2, 0:3:2] : (tensor<2x3xf32>) -> tensor<2x2xf32> loc("slice#7")
    %8 = stablehlo.concatenate %6, %7, dim = 1 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x4xf32> loc("concatenate#8")
    %9 = stablehlo.constant dense<-1.0> : tensor<f32> loc("pad#9")
    %10 = stablehlo.pad %arg0, %9, low = [1, 0], high = [0, 2], interior = [0, 0] : (tensor<2x3xf32>, tensor<f32>) -> tensor<3x5xf32> loc("pad#9")
    %11 = stablehlo.broadcast_in_dim %arg0, dims = [0, 2] : (tensor<2x3xf32>) -> tensor<2x2x3xf32> loc("broadcast_in_dim#10")
    return %1, %5, %8, %10, %11 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x4xf32>, tensor<3x5xf32>, tensor<2x2x3xf32>
  }
}
