// What every test on several ranks starts from.
#pragma once

#include <cmath>
#include <random>
#include <string>

#include "catch.hpp"
#include "files.hpp"
#include "mpinmf/comm.hpp"
#include "mpinmf/data_matrix.hpp"
#include "mpinmf/error.hpp"
#include "mpinmf/resolved_options.hpp"

/// All ranks of the test program.
const mpinmf::Comm& world();

/// Of thousands of iterations, to see where they end: on 1 and 3 ranks, as shorter cases hold the arithmetic alike
/// on any number of them.
inline bool is_for_long_fits() {
  return world().size() == 1 || world().size() == 3;
}

/// Exactly so many iterations: no tolerance.
inline mpinmf::Options fixed_options(mpinmf::Index k, double beta, mpinmf::Order order, mpinmf::Index iterations) {
  mpinmf::Options options;
  options.components = k;
  options.loss = {beta};
  options.rule = "mu";
  options.order = order;
  options.max_iterations = iterations;
  options.tolerance = 0;
  return options;
}

/// For v, with as many threads as they say, or one.
template <class T>
mpinmf::ResolvedOptions resolved_for(const mpinmf::DataMatrix<T>& v, const mpinmf::Options& options) {
  mpinmf::ThreadPlan threads;
  if (options.threads > 0) threads.threads = options.threads;
  return resolve(options, v.rows_global(), v.columns(), threads);
}

/// Uniform on [0.01, 1.01), a share of the entries set to 0.
template <class T>
mpinmf::Matrix<T> random_matrix(mpinmf::Index rows, mpinmf::Index columns, unsigned seed, double share_of_zeros) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  mpinmf::Matrix<T> result(rows, columns);
  for (mpinmf::Index i = 0; i < rows; ++i) {
    for (mpinmf::Index j = 0; j < columns; ++j) {
      const auto value = static_cast<T>(uniform(generator) + 0.01);
      result(i, j) = uniform(generator) < share_of_zeros ? T(0) : value;
    }
  }
  return result;
}

/// v's rows as this rank's share of a matrix that every rank knows, cut as `partition` says.
template <class T>
mpinmf::Matrix<T> rows_of(const mpinmf::Matrix<T>& all, mpinmf::Index first, mpinmf::Index count) {
  mpinmf::Matrix<T> own(count, all.columns());
  for (mpinmf::Index i = 0; i < count; ++i) {
    for (mpinmf::Index j = 0; j < all.columns(); ++j) own(i, j) = all(first + i, j);
  }
  return own;
}

/// The stored form of a dense matrix without its zeros.
template <class T>
mpinmf::CsrRows<T> compressed(const mpinmf::Matrix<T>& dense) {
  mpinmf::CsrRows<T> rows;
  rows.columns = dense.columns();
  for (mpinmf::Index i = 0; i < dense.rows(); ++i) {
    for (mpinmf::Index j = 0; j < dense.columns(); ++j) {
      if (dense(i, j) == 0) continue;
      rows.indices.push_back(static_cast<mpinmf::ColumnIndex>(j));
      rows.values.push_back(dense(i, j));
    }
    rows.offsets.push_back(static_cast<mpinmf::Index>(rows.values.size()));
  }
  return rows;
}

/// A small matrix that every rank knows, spread over the ranks of `comm`, dense or sparse.
template <class T>
mpinmf::DataMatrix<T> spread(const mpinmf::Comm& comm, const mpinmf::Matrix<T>& all, bool sparse,
                             mpinmf::Missing missing = mpinmf::Missing::none) {
  using namespace mpinmf;
  const auto partition = Partition::by_rows(
      all.rows(), Partition::panel_height_for(all.rows(), all.columns(), sizeof(T)), comm.size());
  Matrix<T> own = rows_of(all, partition.begin(comm.rank()), partition.rows(comm.rank()));
  if (sparse) return DataMatrix<T>::from_partition(comm, partition, compressed(own), "V", missing);
  return DataMatrix<T>::from_partition(comm, partition, std::move(own), "V", missing);
}

/// ||a - b||_F and ||a||_F over all ranks' rows.
template <class T>
double relative_difference(const mpinmf::Comm& comm, mpinmf::ConstMatrixView<T> a, mpinmf::ConstMatrixView<T> b) {
  double difference = 0, norm = 0;
  for (mpinmf::Index i = 0; i < a.rows(); ++i) {
    for (mpinmf::Index j = 0; j < a.columns(); ++j) {
      const double x = static_cast<double>(a(i, j)), y = static_cast<double>(b(i, j));
      difference += (x - y) * (x - y);
      norm += x * x;
    }
  }
  difference = comm.sum(difference);
  norm = comm.sum(norm);
  return norm > 0 ? std::sqrt(difference / norm) : std::sqrt(difference);
}

/// The message of the error that all ranks throw together, or nothing.
template <class F>
std::string message_of(F&& f, mpinmf::ExitCode code) {
  try {
    f();
  } catch (const mpinmf::Error& error) {
    CHECK(error.exit_code() == code);
    CHECK(error.has_met());
    return error.what();
  }
  return "";
}
