#include "data_storage.hpp"

#include <fmt/format.h>

#include "machine/scratch_file.hpp"
#include "report/say.hpp"
#include "report/storage.hpp"

namespace mpinmf::cli {

LoadOptions placed_options(const Comm& comm, const InputArguments& input, Index components,
                           const MatrixHeader& header, const report::MemoryPlan& plan, bool quiet) {
  LoadOptions options = load_options(input, components);
  options.scratch = input.scratch;
  options.storage = report::choose_storage(comm, header, plan, {asked_storage(input), input.scratch});
  if (options.storage == Storage::disk && !asked_storage(input) && comm.is_root() && !quiet) {
    report::MemoryPlan on_disk = plan;
    on_disk.storage = Storage::disk;
    report::note(fmt::format(
        "V is larger than the memory: {} a rank lie in {} and are read anew for each iteration (--storage disk)",
        report::bytes_text(report::memory_need(header, on_disk).disk),
        machine::scratch_folder(input.scratch).path));
  }
  return options;
}

}  // namespace mpinmf::cli
