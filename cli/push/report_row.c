#include "cli/push/report_row.h"

#include "cli/push/report.h"

void report_sought(struct report *report, const char *name)
{
    struct fleet_row *row = report_has_view(report) ? fleet_view_add(&report->view, name) : NULL;

    if (!row)
        return;
    fleet_view_set(row, FLEET_WAITING, "looking for it");
    row->is_sought = true;
}

void report_sought_no_more(struct report *report, const char *name)
{
    struct fleet_row *row = fleet_view_take_sought(&report->view, name);

    if (row)
        fleet_view_remove(&report->view, row);
}

void report_search_begun(struct report *report)
{
    report->view.searches++;
}

void report_search_ended(struct report *report)
{
    report->view.searches--;
}

struct fleet_row *report_row(struct report *report, struct push_upload *upload)
{
    struct fleet_view *view = &report->view;

    if (upload->row || !report_has_view(report))
        return upload->row;
    upload->row = fleet_view_take_sought(view, upload->name);
    if (!upload->row)
        upload->row = fleet_view_add(view, upload->name);
    return upload->row;
}

struct fleet_row *report_row_of(struct report *report, const char *name)
{
    struct fleet_view *view = &report->view;
    struct fleet_row *row;

    if (!report_has_view(report))
        return NULL;
    row = fleet_view_take_sought(view, name);
    if (!row)
        row = fleet_view_find_waiting(view, name);
    return row ? row : fleet_view_add(view, name);
}

void report_locked(struct report *report, struct push_upload *upload)
{
    struct fleet_row *row = report_row(report, upload);

    if (row)
        fleet_view_set(row, FLEET_WAITING, "wants a password");
}
