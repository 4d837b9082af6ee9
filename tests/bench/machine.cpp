#include "machine.hpp"

#include <memory>
#include <utility>

#include "kernels/blas.hpp"
#include "kernels/panel.hpp"
#include "machine/cache_sizes.hpp"

namespace mpinmf::bench {
namespace {

/// Large products are the fastest, but on a busy machine only the small ones run without interruption.
constexpr Index product_sizes[] = {384, 1024};
/// The machine is measured in every run, so not for long.
constexpr double most_seconds = 0.4;

/// @pre amount: flops or bytes of one run, of all ranks
Reached reached(double amount, const Spread& seconds) {
  return {amount / seconds.minimum, amount / seconds.median};
}

/// Square products, one in each thread, BLAS itself kept at one thread.
template <class T>
Reached product_rate(const Comm& comm, int threads, const Effort& effort, Index size) {
  struct Product {
    Matrix<T> a, b, c;
  };
  std::vector<Product> products;
  comm.meet([&] {
    for (int t = 0; t < threads; ++t) {
      products.push_back({Matrix<T>(size, size), Matrix<T>(size, size), Matrix<T>(size, size)});
      Product& p = products.back();
      std::fill_n(p.a.data(), size * size, T(0.5));
      std::fill_n(p.b.data(), size * size, T(0.25));
    }
  });
  const Spread seconds = measure(comm, effort, [&] {
#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (int t = 0; t < threads; ++t) {
      Product& p = products[static_cast<std::size_t>(t)];
      multiply(std::as_const(p.a).view(), std::as_const(p.b).view(), p.c.view());
    }
  });
  return reached(2.0 * static_cast<double>(size * size * size) * comm.sum(1.0 * threads), seconds);
}

/// The better of the sizes.
template <class T>
Reached product_rate(const Comm& comm, int threads, const Effort& effort) {
  Reached best;
  for (const Index size : product_sizes) {
    const Reached reached = product_rate<T>(comm, threads, effort, size);
    if (reached.best > best.best) best = reached;
  }
  return best;
}

/// The array is read as rows of so many numbers: short enough that a processor works on several at a time and
/// waits for memory, not for the additions of one of them.
constexpr Index numbers_in_a_row = 128;
/// Rows of one call.
constexpr Index rows_at_once = 64;

/// Eight numbers of the array that are stored at once, whatever the width of the machine's vectors.
using Lanes = double __attribute__((vector_size(64)));
constexpr Index lanes = sizeof(Lanes) / sizeof(double);

// a = b + s c
void triad(Lanes* a, const Lanes* b, const Lanes* c, Index count) {
  constexpr double s = 3;
  for (Index i = 0; i < count; ++i) a[i] = b[i] + s * c[i];
}

/// Three arrays of one thread, first touched by it.
class Arrays {
 public:
  explicit Arrays(Index count)
      : count_(count), ones_(Matrix<double>::padded(1, numbers_in_a_row)), products_(rows_at_once) {
    for (auto& array : arrays_) array.reset(new Lanes[static_cast<std::size_t>(count)]);
    std::fill_n(ones_.data(), numbers_in_a_row, 1.0);
  }
  void touch() {
    for (std::size_t a = 0; a < 3; ++a) std::fill_n(arrays_[a].get(), count_, Lanes{} + static_cast<double>(a));
  }
  /// Sums of rows (but for less than one of them), by a kernel of the vector level that sweeps use: what is
  /// compiled for any processor reads memory more slowly.
  void read() {
    const auto* numbers = reinterpret_cast<const double*>(arrays_[1].get());
    const Index rows = count_ * lanes / numbers_in_a_row;
    for (Index first = 0; first < rows; first += rows_at_once) {
      const Index count = std::min(rows_at_once, rows - first);
      row_products<double>({numbers + first * numbers_in_a_row, count, numbers_in_a_row, numbers_in_a_row},
                           std::as_const(ones_).view(),
                           std::span(products_).first(static_cast<std::size_t>(count)));
    }
  }
  void combine() { triad(arrays_[0].get(), arrays_[1].get(), arrays_[2].get(), count_); }

 private:
  Index count_;
  std::unique_ptr<Lanes[]> arrays_[3];
  Matrix<double> ones_;
  std::vector<double> products_;
};

Bandwidth memory_bandwidth(const Comm& comm, int threads, const Effort& effort) {
  // four times the last cache for all threads of a host, at least this for one
  constexpr Index least_bytes = Index{64} << 20;
  const Index sharers = std::max(1, comm.ranks_on_this_host() * threads);
  Bandwidth result;
  result.array_bytes = static_cast<Index>(
      comm.max(static_cast<double>(std::max(least_bytes, 4 * machine::cache_sizes().last / sharers))));
  std::vector<std::unique_ptr<Arrays>> arrays;
  comm.meet([&] {
    for (int t = 0; t < threads; ++t) {
      arrays.push_back(std::make_unique<Arrays>(result.array_bytes / static_cast<Index>(sizeof(Lanes))));
    }
  });
  const auto on_all_threads = [&](void (Arrays::*work)()) {
#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (int t = 0; t < threads; ++t) (*arrays[static_cast<std::size_t>(t)].*work)();
  };
  on_all_threads(&Arrays::touch);
  const double bytes = static_cast<double>(result.array_bytes) * comm.sum(1.0 * threads);
  result.sum = reached(bytes, measure(comm, effort, [&] { on_all_threads(&Arrays::read); }));
  result.triad = reached(3 * bytes, measure(comm, effort, [&] { on_all_threads(&Arrays::combine); }));
  return result;
}

}  // namespace

Machine measure_machine(const Comm& comm, int threads, double seconds) {
  const Effort effort{0, std::min(seconds, most_seconds)};
  Machine machine;
  machine.double_product = product_rate<double>(comm, threads, effort);
  machine.float_product = product_rate<float>(comm, threads, effort);
  machine.bandwidth = memory_bandwidth(comm, threads, effort);
  return machine;
}

}  // namespace mpinmf::bench
