#include "workloads.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "io/npy.hpp"
#include "mpinmf/load.hpp"
#include "sparse_files.hpp"
#include "topic_counts.hpp"

namespace mpinmf::bench {
namespace {

/// What the matrix is cut by: 64 rows, so that a small share still leaves something for every rank.
constexpr Index least_rows = 64;

Workload dense(const char* name, Index rows, Index columns, Index k, int seed) {
  return {name, name, rows, columns, 0, k, k, seed};
}
Workload sparse(const char* name, const char* matrix, Index nonzeros, Index k, int seed) {
  return {name, matrix, 100000, 20000, nonzeros, 0, k, seed};
}
struct CountShape {
  Index rows, columns, nonzeros, components;
};
Workload unusual(const char* name, const CountShape& s, int seed, const CountLaw& law) {
  return {name, name, s.rows, s.columns, s.nonzeros, 0, s.components, seed, false, law, false};
}
Workload decayed(Workload workload) {
  workload.name += "-decayed";
  workload.decayed = true;
  return workload;
}

std::vector<Workload> make_table() {
  const Workload d1 = dense("D1", 20000, 2000, 20, 101), s1 = sparse("S1", "S1", 10000000, 20, 201);
  Workload t1 = sparse("T1", "T1", 490000, 20, 301);
  t1.rows = 11314;
  t1.columns = 1000;
  return {d1,
          decayed(d1),
          dense("D2", 20000, 2000, 100, 102),
          dense("D3", 100000, 400, 16, 103),
          s1,
          decayed(s1),
          sparse("S2", "S1", 10000000, 100, 201),
          t1,
          unusual("R1", {5000, 40000, 33000000, 20}, 401, cell_counts),
          unusual("R2", {8000, 500, 412000, 16}, 402, cell_counts),
          unusual("R3", {18774, 55911, 2400000, 10}, 403, word_counts),
          unusual("words", {8300, 19000, 660000, 10}, 501, word_counts),
          unusual("ratings", {943, 1682, 100000, 10}, 502, film_ratings),
          unusual("cells", {2700, 32738, 2290000, 10}, 503, cell_counts)};
}

bool is_sparse(const Workload& workload) {
  return workload.nonzeros > 0;
}

/// The files by which a matrix is recognised in a folder, and how its path goes on from there.
std::vector<std::string> file_names(const Workload& workload) {
  if (workload.matrix == "T1") return {"newsgroups20/X_train.mtx.gz", "X_train.mtx.gz"};
  return {workload.matrix + (is_sparse(workload) ? "_indptr.npy" : ".npy")};
}

std::string find_file(const Workload& workload, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    for (const std::string& name : file_names(workload)) {
      const std::string path = folder + "/" + name;
      if (std::filesystem::exists(path)) return path;
    }
  }
  return {};
}

/// S1_indptr.npy -> S1
std::string csr_prefix(const std::string& path) {
  return path.substr(0, path.rfind("_indptr.npy"));
}

SparseSource open_sparse(const Workload& workload, const std::string& path) {
  if (path.empty()) {
    const double length = static_cast<double>(workload.nonzeros) / static_cast<double>(workload.rows);
    MatrixHeader header;
    header.rows = workload.rows;
    header.columns = workload.columns;
    return {std::make_unique<TopicCounts>(workload.columns, length, static_cast<std::uint64_t>(workload.seed),
                                          workload.law),
            header};
  }
  return workload.matrix == "T1" ? open_held(path) : open_csr_files(csr_prefix(path), workload.columns);
}

std::string dense_path(const Workload& workload, const std::string& path) {
  if (!path.empty()) return path;
  return fmt::format("generate:lowrank:rows={},columns={},rank={},noise=0.2,seed={}", workload.rows,
                     workload.columns, workload.rank, workload.seed);
}

template <class T>
DataMatrix<T> make_dense(const Comm& comm, const Workload& workload, const DataOrigin& origin) {
  Partition partition;
  Matrix<T> rows;
  comm.meet([&] {
    const io::Source source = io::open_source(dense_path(workload, origin.path), {});
    const auto* reader = std::get_if<std::unique_ptr<io::DenseRows>>(&source.reader);
    if (reader == nullptr) throw BadData(origin.path + ": is not a plain dense .npy");
    const Index columns = source.header.columns;
    partition = Partition::by_rows(
        origin.rows, Partition::panel_height_for(origin.rows, columns, static_cast<Index>(sizeof(T))),
        comm.size());
    rows = Matrix<T>(partition.rows(comm.rank()), columns);
    std::vector<double> row(static_cast<std::size_t>(columns));
    for (Index i = 0; i < rows.rows(); ++i) {
      (*reader)->read(partition.begin(comm.rank()) + i, 1, row.data());
      std::transform(row.begin(), row.end(), rows.row(i), [](double x) { return static_cast<T>(x); });
    }
  });
  return DataMatrix<T>::from_partition(comm, std::move(partition), std::move(rows), workload.name);
}

/// Panels to ranks by weight, as load does. Each rank counts a share of the rows.
Partition cut(const Comm& comm, io::SparseRows& rows, Index count, Index height, Index components) {
  std::vector<double> weights(static_cast<std::size_t>((count + height - 1) / height));
  comm.meet([&] {
    const Partition shares = Partition::by_rows(count, height, comm.size());
    std::vector<Index> lengths(static_cast<std::size_t>(shares.rows(comm.rank())));
    const Index first = shares.begin(comm.rank());
    rows.lengths(first, lengths);
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const auto panel = static_cast<std::size_t>((first + static_cast<Index>(i)) / height);
      weights[panel] += sparse_row_weight(lengths[i], components);
    }
  });
  comm.sum(weights);
  return Partition::by_weight(count, height, weights, comm.size());
}

template <class T>
DataMatrix<T> make_sparse(const Comm& comm, const Workload& workload, const DataOrigin& origin) {
  SparseSource source;
  comm.meet([&] { source = open_sparse(workload, origin.path); });
  const Index columns = source.header.columns;
  const Index height = Partition::panel_height_for(origin.rows, columns, static_cast<Index>(sizeof(T)));
  Partition partition = cut(comm, *source.rows, origin.rows, height, workload.components);
  CsrRows<T> rows;
  comm.meet([&] {
    const Index first = partition.begin(comm.rank()), count = partition.rows(comm.rank());
    rows.columns = columns;
    rows.offsets.resize(static_cast<std::size_t>(count) + 1);
    source.rows->read(first, count, [&](std::span<const io::Entry> entries) {
      for (const io::Entry& entry : entries) {
        ++rows.offsets[static_cast<std::size_t>(entry.row - first) + 1];
        rows.indices.push_back(static_cast<ColumnIndex>(entry.column));
        rows.values.push_back(static_cast<T>(entry.value));
      }
    });
    std::partial_sum(rows.offsets.begin(), rows.offsets.end(), rows.offsets.begin());
  });
  return DataMatrix<T>::from_partition(comm, std::move(partition), std::move(rows), workload.name);
}

}  // namespace

const std::vector<Workload>& all_workloads() {
  static const std::vector<Workload> table = make_table();
  return table;
}

Workload find_workload(const std::string& name) {
  std::vector<std::string> known;
  for (const Workload& workload : all_workloads()) {
    if (workload.name == name) return workload;
    known.push_back(workload.name);
  }
  throw UsageError(fmt::format("'{}' is not a workload; the known ones are {}", name, fmt::join(known, ", ")));
}

DataOrigin find_data(const Comm& comm, const Workload& workload, const std::vector<std::string>& folders,
                     double scale) {
  DataOrigin origin;
  comm.meet_on_root([&] {
    origin = {find_file(workload, folders), workload.rows};
    if (!origin.path.empty()) {
      origin.rows = is_sparse(workload) ? open_sparse(workload, origin.path).header.rows
                                        : io::open_source(origin.path, {}).header.rows;
    }
    const auto wanted = static_cast<Index>(std::llround(static_cast<double>(origin.rows) * scale));
    origin.rows = std::min(origin.rows, std::max(least_rows, wanted));
  });
  comm.broadcast(origin.path);
  comm.broadcast_value(origin.rows);
  return origin;
}

template <class T>
DataMatrix<T> make_data(const Comm& comm, const Workload& workload, const DataOrigin& origin) {
  return is_sparse(workload) ? make_sparse<T>(comm, workload, origin) : make_dense<T>(comm, workload, origin);
}

template DataMatrix<float> make_data(const Comm&, const Workload&, const DataOrigin&);
template DataMatrix<double> make_data(const Comm&, const Workload&, const DataOrigin&);

}  // namespace mpinmf::bench
