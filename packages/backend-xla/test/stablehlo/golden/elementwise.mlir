module @program attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<4xi32> loc("i"), %arg1: tensor<4xui32> loc("u"), %arg2: tensor<2x3xf32> loc("x"), %arg3: tensor<2x3xf32> loc("y")) -> (tensor<2x3xbf16>, tensor<2x3xf32>, tensor<4xi32>, tensor<4xi1>, tensor<4xi1>) {
    %0 = stablehlo.convert %arg2 : (tensor<2x3xf32>) -> tensor<2x3xbf16> loc("convert#0")
    %1 = stablehlo.is_finite %arg2 : (tensor<2x3xf32>) -> tensor<2x3xi1> loc("is_finite#1")
    %2 = stablehlo.exponential %arg2 : tensor<2x3xf32> loc("exp#3")
    %3 = stablehlo.subtract %arg2, %arg3 : tensor<2x3xf32> loc("sub#4")
    %4 = stablehlo.select %1, %2, %3 : tensor<2x3xi1>, tensor<2x3xf32> loc("select#5")
    %5 = stablehlo.constant dense<3> : tensor<i32> loc("constant#6")
    %6 = stablehlo.broadcast_in_dim %5, dims = [] : (tensor<i32>) -> tensor<4xi32> loc("constant#6")
    %7 = stablehlo.constant dense<0> : tensor<i32> loc("div#7")
    %8 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<i32>) -> tensor<4xi32> loc("div#7")
    %9 = stablehlo.compare EQ, %6, %8, SIGNED : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi1> loc("div#7")
    %10 = stablehlo.constant dense<1> : tensor<i32> loc("div#7")
    %11 = stablehlo.broadcast_in_dim %10, dims = [] : (tensor<i32>) -> tensor<4xi32> loc("div#7")
    %12 = stablehlo.select %9, %11, %6 : tensor<4xi1>, tensor<4xi32> loc("div#7")
    %13 = stablehlo.constant dense<-1> : tensor<i32> loc("div#7")
    %14 = stablehlo.broadcast_in_dim %13, dims = [] : (tensor<i32>) -> tensor<4xi32> loc("div#7")
    %15 = stablehlo.divide %arg0, %12 : tensor<4xi32> loc("div#7")
    %16 = stablehlo.select %9, %14, %15 : tensor<4xi1>, tensor<4xi32> loc("div#7")
    %17 = stablehlo.constant dense<0> : tensor<i32> loc("constant#8")
    %18 = stablehlo.broadcast_in_dim %17, dims = [] : (tensor<i32>) -> tensor<4xi32> loc("constant#8")
    %19 = stablehlo.compare LT, %arg0, %18, SIGNED : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi1> loc("compare#9")
    %20 = stablehlo.constant dense<7> : tensor<ui32> loc("constant#10")
    %21 = stablehlo.broadcast_in_dim %20, dims = [] : (tensor<ui32>) -> tensor<4xui32> loc("constant#10")
    %22 = stablehlo.compare LT, %arg1, %21, UNSIGNED : (tensor<4xui32>, tensor<4xui32>) -> tensor<4xi1> loc("compare#11")
    return %0, %4, %16, %19, %22 : tensor<2x3xbf16>, tensor<2x3xf32>, tensor<4xi32>, tensor<4xi1>, tensor<4xi1>
  }
}
