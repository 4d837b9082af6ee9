// Where fits leave what.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "io/prepared_files.hpp"
#include "mpinmf/options.hpp"
#include "report/names.hpp"
#include "report/topic_files.hpp"

namespace mpinmf::cli {

/// Of a fit in a survey: the strongest component of some rows (strongest.hpp).
inline constexpr const char* strongest_file = "strongest.npy";

/// What one fit leaves in its folder.
inline constexpr std::array<const char*, 24> fit_result_names = {"run.json",
                                                                 "W.npy",
                                                                 "H.npy",
                                                                 "D.npy",
                                                                 report::row_names_file,
                                                                 report::column_names_file,
                                                                 "W.csv",
                                                                 "H.csv",
                                                                 "W.tsv",
                                                                 "H.tsv",
                                                                 "W.mtx",
                                                                 "H.mtx",
                                                                 "factors.npz",
                                                                 "factors.h5",
                                                                 "factors.h5ad",
                                                                 "trace.csv",
                                                                 strongest_file,
                                                                 "cost.svg",
                                                                 "cost.png",
                                                                 io::preparation_file,
                                                                 io::kept_rows_file,
                                                                 io::kept_columns_file,
                                                                 io::selected_columns_file,
                                                                 io::column_scales_file};
/// What `topics` makes of it there; a new fit removes it.
inline constexpr std::array<const char*, 8> topic_result_names = {
    report::topics_json_file,     report::topics_csv_file,      report::topic_components_file,
    report::topic_documents_file, report::topic_labels_file,    report::topic_proportions_file,
    report::row_sizes_file,       report::term_proportions_file};
/// What several fits leave beside their folders k*/seed*.
inline constexpr std::array<const char*, 3> summary_names = {"summary.csv", "summary.svg", "summary.png"};
/// What a survey leaves there besides.
inline constexpr const char *survey_file = "survey.csv", *suggestions_file = "suggestions.csv",
                            *survey_stem = "survey", *cross_validation_file = "cross-validation.json";
inline constexpr std::array<const char*, 5> survey_names = {survey_file, suggestions_file, "survey.svg",
                                                            "survey.png", cross_validation_file};
/// What group `group` of ranks, not the first, has of it while fits go on: "cross-validation-2.json".
std::string cross_validation_file_of(int group);
bool is_cross_validation_of_group(const std::string& name);
/// Those in `folder`.
std::vector<std::filesystem::path> cross_validations_of_groups(const std::filesystem::path& folder);

/// In DIR/k20: how the spectra of all fits fall into clusters.
inline constexpr const char* clustering_stem = "clustering";
inline constexpr std::array<const char*, 2> clustering_names = {"clustering.svg", "clustering.png"};
/// The folder in DIR/k20 of the model that the fits of a survey agree on.
inline constexpr const char* consensus_name = "consensus";

/// cNMF's tables of the consensus of a k: what they are called, and whether "consensus" is part of their names.
struct CnmfTable {
  const char* name;
  const char* ending;
};
inline constexpr CnmfTable cnmf_usages = {"usages", ".consensus.txt"},
                           cnmf_spectra = {"spectra", ".consensus.txt"},
                           cnmf_tpm_spectra = {"gene_spectra_tpm", ".txt"},
                           cnmf_scores = {"gene_spectra_score", ".txt"},
                           cnmf_starcat_spectra = {"starcat_spectra", ".txt"};

/// Its file in a survey's folder: "NAME.usages.k_7.dt_0_5.consensus.txt", where NAME is the last part of the
/// folder's path.
std::string cnmf_file(const std::filesystem::path& folder, const CnmfTable& table, Index components,
                      double density_threshold);
/// "NAME.overdispersed_genes.txt".
std::string cnmf_genes_file(const std::filesystem::path& folder);
/// Whether a file of this name in `folder` is one of these, of any k.
bool is_cnmf_file(const std::filesystem::path& folder, const std::string& name);

/// "k20".
std::string components_folder(Index components);
/// "k20/seed3". A seed of more digits than a file name is shortened to some of them and its 64-bit key.
std::string series_folder(Index components, const Seed& seed);

/// The order of names in which numbers count as numbers: k4, k8, k12. @pre they do not begin with a 0
bool is_before(const std::filesystem::path& a, const std::filesystem::path& b);
/// Whether `folder` has a name of several fits' folders: k20, seed3.
bool is_of_several(const std::filesystem::path& folder);

/// The results of one or several fits that lie in `folder` now: those that say that all is complete first.
std::vector<std::filesystem::path> results_in(const std::filesystem::path& folder);
/// Removes them, but for those in `folder` itself that are named in `keep`, and the folders below that are empty
/// then. Throws nothing: what cannot be removed stays.
void remove_results_in(const std::filesystem::path& folder, const std::vector<std::string>& keep);

/// A fit beside that in `folder`, of the same k in the same series, which has W.npy; empty: there is none.
std::filesystem::path sibling_with_w(const std::filesystem::path& folder);

/// Makes DIR/k20/best a link to `fit`, DIR/k20/seed3. Throws nothing: on a disk that knows no links there is none,
/// and summary.csv marks the best as well.
void link_best(const std::filesystem::path& fit);

/// The folders of the fits below `folder`, which holds those of several k (k*/seed*) or of one (seed*), in the
/// order of these numbers.
std::vector<std::filesystem::path> fit_folders_in(const std::filesystem::path& folder);

}  // namespace mpinmf::cli
