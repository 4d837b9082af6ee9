// V that belongs to the caller and is only looked at.
#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "contains.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

/// This rank's rows of a matrix, as they may lie in a program: not aligned, and with something else behind each
/// row.
template <class T>
class CallersRows {
 public:
  explicit CallersRows(const Matrix<double>& all) {
    const Index each = all.rows() / world().size() + 1;
    first_ = std::min(all.rows(), each * world().rank());
    own_ = Matrix<T>(std::min(all.rows(), first_ + each) - first_, all.columns());
    for (Index i = 0; i < own_.rows(); ++i) {
      for (Index j = 0; j < own_.columns(); ++j) own_(i, j) = static_cast<T>(all(first_ + i, j));
    }
    numbers_.assign(static_cast<std::size_t>(1 + own_.rows() * stride()), T(-1));
    for (Index i = 0; i < own_.rows(); ++i) {
      std::copy_n(own_.row(i), own_.columns(), numbers_.data() + 1 + i * stride());
    }
    sparse_ = compressed(own_);
    sparse_.indices.push_back(-1);  // room behind the last row, as in SciPy
    sparse_.values.push_back(T(-1));
  }
  Index first() const { return first_; }
  ConstMatrixView<T> dense() const { return {numbers_.data() + 1, own_.rows(), own_.columns(), stride()}; }
  CsrView<T> sparse() const { return {sparse_.columns, sparse_.offsets, sparse_.indices, sparse_.values}; }
  DataMatrix<T> looked_at(bool is_sparse) const {
    return is_sparse ? DataMatrix<T>::view_rows(world(), sparse()) : DataMatrix<T>::view_rows(world(), dense());
  }
  DataMatrix<T> copied(bool is_sparse) const {
    return is_sparse ? DataMatrix<T>::from_rows(world(), compressed(own_))
                     : DataMatrix<T>::from_rows(world(), own_.copy());
  }

 private:
  Index stride() const { return own_.columns() + 3; }

  Index first_ = 0;
  Matrix<T> own_;
  std::vector<T> numbers_;
  CsrRows<T> sparse_;
};

Options options_for(const std::string& rule, double beta, Start start) {
  Options options = fixed_options(4, beta, Order::w_first, 10);
  options.rule = rule;
  options.start = start;
  return options;
}

template <class T>
void check_same_bits(const Matrix<double>& all, bool sparse, const Options& options) {
  INFO(options.rule << ", beta " << options.loss.beta << (sparse ? ", sparse, " : ", dense, ") << sizeof(T)
                    << " bytes");
  const CallersRows<T> rows(all);
  const DataMatrix<T> looked_at = rows.looked_at(sparse), copied = rows.copied(sparse);
  CHECK(looked_at.is_sparse() == sparse);
  CHECK(looked_at.summary().sum_squares == copied.summary().sum_squares);
  CHECK(looked_at.summary().stored == copied.summary().stored);
  Nmf<T> one(options), other(options);
  one.fit(looked_at);
  other.fit(copied);
  CHECK(relative_difference<T>(world(), other.w(), one.w()) == 0);
  CHECK(relative_difference<T>(world(), other.ht(), one.ht()) == 0);
  CHECK(one.cost().loss == other.cost().loss);
  CHECK(one.kkt_w() == other.kkt_w());
  CHECK(relative_difference<T>(world(), other.transform(copied).view(), other.transform(looked_at).view()) == 0);
}

/// The message of what is thrown by looking at these rows; every rank has it.
template <class Rows>
std::string refusal(const Rows& rows) {
  try {
    DataMatrix<double>::view_rows(world(), rows);
  } catch (const Error& error) {
    CHECK(error.has_met());
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("A fit of rows that are only looked at has the bits of a fit of their copy", "[views]") {
  const Matrix<double> all = random_matrix<double>(53, 7 * 16 + 5, 21, 0.4);
  const Matrix<double> positive = random_matrix<double>(53, 19, 22, 0);
  for (const bool sparse : {false, true}) {
    check_same_bits<double>(all, sparse, options_for("hals", 2, Start::nndsvda));
    check_same_bits<float>(all, sparse, options_for("hals", 2, Start::random));
    check_same_bits<double>(all, sparse, options_for("anls-bpp", 2, Start::nndsvd));
    check_same_bits<double>(all, sparse, options_for("mu", 1, Start::random));
    check_same_bits<float>(all, sparse, options_for("scd", 1, Start::random));
    check_same_bits<double>(all, sparse, options_for("mu", 1.5, Start::random));
    check_same_bits<double>(positive, sparse, options_for("mu", 0, Start::random));
  }
}

TEST_CASE("Rows that are only looked at are never written to, and stay when the matrix moves", "[views]") {
  const CallersRows<double> rows(random_matrix<double>(40, 20, 23, 0.5));
  const std::vector<double> dense(rows.dense().data(), rows.dense().data() + rows.dense().rows() * 23);
  const std::vector<double> values(rows.sparse().values.begin(), rows.sparse().values.end());
  const std::vector<ColumnIndex> indices(rows.sparse().indices.begin(), rows.sparse().indices.end());
  for (const bool sparse : {false, true}) {
    DataMatrix<double> v = rows.looked_at(sparse);
    const DataMatrix<double> moved = std::move(v);
    Nmf<double> model(options_for("hals", 2, Start::nndsvda));
    model.fit(moved);
    CHECK(std::isfinite(model.cost().loss));
  }
  CHECK(std::equal(dense.begin(), dense.end(), rows.dense().data()));
  CHECK(std::equal(values.begin(), values.end(), rows.sparse().values.begin()));
  CHECK(std::equal(indices.begin(), indices.end(), rows.sparse().indices.begin()));
  CHECK(values.back() == -1);  // was not looked at
}

TEST_CASE("Columns of a wide sparse matrix that is only looked at stay in their order", "[views]") {
  const CallersRows<double> rows(random_matrix<double>(30, 5000, 24, 0.98));
  const DataMatrix<double> looked_at = rows.looked_at(true), copied = rows.copied(true);
  CHECK(looked_at.column_order().empty());
  CHECK(!copied.column_order().empty());
  Nmf<double> one(options_for("hals", 2, Start::random)), other(options_for("hals", 2, Start::random));
  one.fit(looked_at);
  other.fit(copied);
  CHECK(relative_difference<double>(world(), other.w(), one.w()) < 1e-10);
  CHECK(relative_difference<double>(Comm::self(), other.ht(), one.ht()) < 1e-10);
}

TEST_CASE("Entries that are looked at are checked as those of a copy, and denormal ones refused", "[views]") {
  for (const auto& [bad, words] : {std::pair{-1.0, "a negative entry -1"},
                                   {std::nan(""), "--missing nan"},
                                   {INFINITY, "an infinite entry"},
                                   {1e-310, "too small for full precision"}}) {
    Matrix<double> all = random_matrix<double>(64, 5, 25, 0);
    all(41, 3) = bad;
    const CallersRows<double> rows(all);
    for (const std::string& said : {refusal(rows.dense()), refusal(rows.sparse())}) {
      CHECK_THAT(said, Contains(words));
      CHECK_THAT(said, Contains("row 41, column 3"));
    }
  }
  const std::vector<Index> offsets = {0, 2, 3}, falling = {0, 3, 2}, long_ones = {0, 2, 4};
  const std::vector<ColumnIndex> indices = {0, 2, 1}, unordered = {2, 0, 1}, beyond = {0, 3, 1};
  const std::vector<double> values = {1, 2, 3};
  CHECK(refusal(CsrView<double>{3, offsets, indices, values}).empty());
  CHECK_THAT(refusal(CsrView<double>{3, falling, indices, values}), Contains("row offsets"));
  CHECK_THAT(refusal(CsrView<double>{3, long_ones, indices, values}), Contains("row offsets"));
  CHECK_THAT(refusal(CsrView<double>{3, {}, indices, values}), Contains("row offsets"));
  CHECK_THAT(refusal(CsrView<double>{3, offsets, unordered, values}), Contains("out of order"));
  CHECK_THAT(refusal(CsrView<double>{3, offsets, beyond, values}), Contains("not below 3"));
  CHECK_THAT(refusal(ConstMatrixView<double>()), Contains("nothing to factorize"));
  if (world().size() == 1) return;
  const bool differs = world().rank() == world().size() - 1;
  CHECK_THAT(refusal(CsrView<double>{differs ? 4 : 3, offsets, indices, values}), Contains("brings rows of"));
}
