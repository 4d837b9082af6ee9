// Names for the numbers: what is shown and written down.
#pragma once

#include "described.hpp"
#include "report/topics_summary.hpp"

namespace mpinmf::cli {

/// Without the table of labels. Throws SystemError, BadData (files about rows with another number of lines). Does
/// not communicate: the root asks.
report::TopicsSummary summarize(const Described& described, const TopicsArguments& arguments);

}  // namespace mpinmf::cli
