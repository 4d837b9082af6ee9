// Factors of a fit in the formats of other programs, beside the .npy that they are made from.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "io/output_target.hpp"
#include "io/preparation.hpp"
#include "mpinmf/comm.hpp"
#include "output_matrix.hpp"

namespace mpinmf::io {

/// Something that is told of the fit beside its factors.
using FactorFact = std::pair<std::string, std::variant<std::string, double, Index, std::vector<double>>>;

/// Factors as a run has written them: W (m x k) and H (k x n) as .npy, names of V's rows and columns one a line.
/// Empty: there is none.
struct FactorFiles {
  std::string w, h, row_names, column_names;
  Index rows = 0, columns = 0;    ///< of V
  std::vector<FactorFact> facts;  ///< for formats that have a place for them
  std::string into;               ///< a file of which a copy takes the factors, where the format allows it
  /// Which rows and columns of V's file are in V; null: all.
  std::shared_ptr<const Prepared> prepared = {};
};

struct FactorFormat {
  std::string_view name;
  std::string_view file = {};  ///< the one that holds all; empty: W.NAME and H.NAME
  bool takes_into = false;     ///< FactorFiles::into is for this one
  /// All ranks write the file. Collective; throws SystemError, and BadData where `into` cannot take them.
  void (*write)(const Comm& comm, const FactorFiles& files, const OutputTarget& target) = nullptr;
};

/// Those beside npy.
std::span<const FactorFormat> factor_formats();
/// "csv, tsv, ..."
std::string factor_format_names();
/// Null for npy, which is there in any case. Throws UsageError, which lists all.
const FactorFormat* factor_format_called(std::string_view name);

/// The names of the files that it adds, where these factors are there.
std::vector<std::string> files_of(const FactorFormat& format, bool has_w, bool has_h);
/// Of all formats.
std::vector<std::string> all_factor_files();

/// Writes one of files_of. Collective; throws as FactorFormat::write.
void write_factor_file(const Comm& comm, const FactorFormat& format, const std::string& file,
                       const FactorFiles& files, const OutputTarget& target);

/// The rows of a factor that lies as a .npy, or of its transpose. Collective.
OutputMatrix factor_rows(const Comm& comm, const std::string& path, bool transpose);

/// "component_0", ...
NameReader component_names(Index count);

void write_factors_npz(const Comm& comm, const FactorFiles& files, const OutputTarget& target);
namespace hdf5 {
void write_factors_h5(const Comm& comm, const FactorFiles& files, const OutputTarget& target);
void write_factors_h5ad(const Comm& comm, const FactorFiles& files, const OutputTarget& target);
/// Throws BadData where `into` is no AnnData, or has other observations or variables than V, or than V's file, of
/// which V has `rows` and `columns`. The readers are of V's names, and may be empty. Does not communicate.
void require_place_for_factors(const std::string& into, const Labels& labels, const Subset& rows,
                               const Subset& columns);
}  // namespace hdf5

}  // namespace mpinmf::io
