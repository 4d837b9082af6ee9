// The matrices that are measured, and where their entries come from.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/data_matrix.hpp"
#include "topic_counts.hpp"

namespace mpinmf::bench {

/// One matrix with one number of components.
struct Workload {
  std::string name;    ///< D1, D1-decayed, ...
  std::string matrix;  ///< D1: whose entries
  Index rows, columns;
  Index nonzeros;  ///< expected; 0: dense
  Index rank;      ///< of the planted factors; dense only
  Index components;
  int seed;
  bool decayed = false;  ///< a part of the factors starts below the smallest normal number
  CountLaw law = {};     ///< sparse only
  bool is_usual = true;  ///< measured where none is named

  bool is_same_data(const Workload& other) const {
    return matrix == other.matrix && components == other.components;
  }
};

const std::vector<Workload>& all_workloads();
/// Throws UsageError, naming the known ones.
Workload find_workload(const std::string& name);

/// Where the entries of V come from; the same on every rank.
struct DataOrigin {
  std::string path;  ///< a file, or what its files begin with (S1); empty: generated
  Index rows = 0;    ///< so many first rows are taken
};

/// Looks for the workload's file in the folders: D1.npy, S1_indptr.npy with its two companions, and for T1
/// newsgroups20/X_train.mtx.gz or X_train.mtx.gz. `scale` is the share of the rows. Collective; throws what
/// reading a header throws.
DataOrigin find_data(const Comm& comm, const Workload& workload, const std::vector<std::string>& folders,
                     double scale);

/// V. Collective; throws as load does.
template <class T>
DataMatrix<T> make_data(const Comm& comm, const Workload& workload, const DataOrigin& origin);

}  // namespace mpinmf::bench
