#include "linalg/column_products.hpp"

#include <algorithm>
#include <cstring>

namespace quadric::linalg {

namespace {

/// Beyond so many columns blocks of them are better kept in cache, as Eigen does.
constexpr Index most_columns = 32;

/// Four doubles, as wide as the widest register that one function or another is compiled for.
using Lanes = double __attribute__((vector_size(32)));
constexpr Index width = 4;

[[gnu::always_inline]] inline void load(const double* from, Lanes& to) { std::memcpy(&to, from, sizeof to); }

/// The products of two columns with two others, over the first `whole` rows in lanes and then one by one.
[[gnu::always_inline]] inline void multiply_pairs(const double* a, const double* b, const double* c,
                                                  const double* d, Index rows, double* products) {
  Lanes ac{}, ad{}, bc{}, bd{};
  const Index whole = rows - rows % width;
  for (Index i = 0; i < whole; i += width) {
    Lanes left, right, other_left, other_right;
    load(a + i, left);
    load(b + i, right);
    load(c + i, other_left);
    load(d + i, other_right);
    ac += left * other_left;
    ad += left * other_right;
    bc += right * other_left;
    bd += right * other_right;
  }
  const auto sum = [](const Lanes& lanes) { return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]); };
  products[0] = sum(ac);
  products[1] = sum(ad);
  products[2] = sum(bc);
  products[3] = sum(bd);
  for (Index i = whole; i < rows; ++i) {
    products[0] += a[i] * c[i];
    products[1] += a[i] * d[i];
    products[2] += b[i] * c[i];
    products[3] += b[i] * d[i];
  }
}

/// Two columns at a time; of an odd number the last one stands for its pair.
[[gnu::always_inline]] inline void multiply_columns(const double* A, Index rows, Index columns,
                                                    double* products) {
  double four[4];
  for (Index j = 0; j < columns; j += 2) {
    const Index after_j = std::min(j + 1, columns - 1);
    for (Index i = j; i < columns; i += 2) {
      const Index after_i = std::min(i + 1, columns - 1);
      multiply_pairs(A + i * rows, A + after_i * rows, A + j * rows, A + after_j * rows, rows, four);
      products[i + j * columns] = four[0];
      if (after_j <= i) products[i + after_j * columns] = four[1];
      products[after_i + j * columns] = four[2];
      products[after_i + after_j * columns] = four[3];
    }
  }
}

void multiply_plainly(const double* A, Index rows, Index columns, double* products) {
  multiply_columns(A, rows, columns, products);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void multiply_in_lanes(const double* A, Index rows, Index columns,
                                                   double* products) {
  multiply_columns(A, rows, columns, products);
}
bool has_lanes() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#else
void multiply_in_lanes(const double* A, Index rows, Index columns, double* products) {
  multiply_columns(A, rows, columns, products);
}
bool has_lanes() { return false; }
#endif

}  // namespace

void column_products(const Matrix& A, Matrix& products) {
  const Index n = A.cols();
  products.resize(n, n);
  if (n > most_columns) {
    products.setZero();
    products.selfadjointView<Eigen::Lower>().rankUpdate(A.transpose());
  } else {
    static const auto multiply = has_lanes() ? multiply_in_lanes : multiply_plainly;
    multiply(A.data(), A.rows(), n, products.data());
  }
}

}  // namespace quadric::linalg
