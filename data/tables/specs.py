"""The dictionaries of the five tables that a planner brings.

Calls, posts, districts, residents, today's deployment.
"""

from __future__ import annotations

from coresponse.data.tables.dictionary import Column, TableSpec

_LATITUDE = (
    "lat",
    "y_lat",
    "latitude_y",
    "lat_wgs84",
    "gps_lat",
    "incident_latitude",
    "geo_lat",
    "point_latitude",
    "latitud",
)
_LONGITUDE = (
    "long", "lon", "lng", "x_lon", "x_lng", "longitude_x", "lon_wgs84", "gps_lon", "gps_long",
    "incident_longitude", "geo_lon", "geo_long", "point_longitude", "longitud",
)  # fmt: skip
_X = (
    "x_coord", "x_coordinate", "coord_x", "geo_cd_x", "point_x", "geo_x", "xcoor", "x_pos",
    "easting", "east", "state_plane_x", "x_feet", "map_x", "map_x_coordinate", "geox", "este",
)  # fmt: skip
_Y = (
    "y_coord", "y_coordinate", "coord_y", "geo_cd_y", "point_y", "geo_y", "ycoor", "y_pos",
    "northing", "north", "state_plane_y", "y_feet", "map_y", "map_y_coordinate", "geoy", "norte",
)  # fmt: skip
_LOCATION = ("the_geom", "geom", "geometry", "wkt", "point", "georeference", "geolocation",
             "location_1", "geocoded_column", "lat_long", "lat_lon", "latlong",
             "coordinates", "ubicacion")  # fmt: skip

# How censuses and their bundlers name residents, most telling first.
_RESIDENTS = (
    "pop", "total_population", "totpop", "tot_pop", "pop_total", "pop2020", "pop20", "p0010001",
    "pop2010", "pop10", "pop2000", "pop100", "population_2020", "b01003_001e", "residents",
    "total_pop", "p1_001n", "p001001", "dp05_0001e", "b01001_001e", "b01003e1", "b01001e1",
    "p0020001", "p2_001n", "u7h001", "h7v001", "total_pop_2020", "pop_2020", "pop_2010",
    "population2020", "population_total", "estimate_total", "pop_est", "popestimate2020",
    "popestimate", "persons", "inhabitants", "people", "c_pop", "total", "usual_residents",
    "pop_count", "poblacion", "poblacion_total", "habitantes",
)  # fmt: skip

_PLACE_COLUMNS = (
    Column("latitude", "number", "degrees", False,
        "Latitude of the place (WGS 84 unless a CRS is given).", _LATITUDE),
    Column("longitude", "number", "degrees", False, "Longitude of the place.", _LONGITUDE),
    Column("x", "number", "of the given CRS, or degrees", False, "Easting, or longitude in degrees.", _X),
    Column("y", "number", "of the given CRS, or degrees", False, "Northing, or latitude in degrees.", _Y),
    Column(
        "location", "place", "POINT (longitude latitude), (latitude, longitude) or 39.99 N, 105.02 W", False,
        "Both coordinates in one cell, also with decimal commas, semicolons and signs of degrees.", _LOCATION,
    ),
)  # fmt: skip
_PLACE = ("a place", (("latitude", "longitude"), ("x", "y"), ("location",)))
_ADDRESS = Column(
    "address", "text", "number and street, a block of one, or a crossing", False,
    "Used where there are no coordinates: 12 MAIN ST, 1XX MAIN ST, 100 BLOCK OF MAIN ST, MAIN ST "
    "& 2ND AVE.",
    ("full_address", "street_address", "incident_address", "location_address", "event_address",
     "block_address", "address_block", "hundred_block", "hundred_block_location", "100_block",
     "address_line_1", "addr", "street_location", "direccion", "domicilio", "adresse"),
)  # fmt: skip
_PLACE_OR_ADDRESS = (_PLACE[0], (*_PLACE[1], ("address",)))

CALLS = TableSpec(
    "calls",
    "One row a call, or several rows (one for each unit sent) with the same `call_id`.",
    (
        Column(
            "call_id", "text", "", False,
            "The agency's id of the event; its rows are folded into one call, unless they "
            "are more than a week or 2 km apart. Words for none (NA, null, -, 0) are not ids.",
            ("cad_evnt_id", "cad_event_id", "event_id", "incident_id", "incident_number",
             "incident_num", "incident_no", "inc_number", "inc_no", "event_number", "event_num",
             "event_no", "cad_id", "cad_number", "cad_num", "cad_incident_id",
             "cad_incident_number", "cad_call_number", "call_number", "call_num", "call_no",
             "callid", "cfs_id", "cfs_number", "cfs_num", "cfs_no", "master_incident_number",
             "master_incident_id", "case_number", "report_number", "service_number",
             "agency_event_id", "id_incident", "unique_id", "cad_event_number",
             "numero_de_incidente", "numero_de_llamada", "numero_de_evento", "numero_incidente",
             "numero_llamada", "numero_evento", "id_llamada", "id_incidente", "id_evento", "folio",
             "id"),
        ),
        Column(
            "received_at", "time", "local time, or with an offset", False,
            "When the call was received.",
            ("add_ts", "received", "received_time", "received_datetime", "received_dttm",
             "received_dt_tm", "received_date_time", "date_time_received",
             "call_received_date_time", "date_time_of_call", "date_and_time", "call_received",
             "call_received_time", "time_received", "call_received_datetime", "time_call_received",
             "time_phone_pick_up", "time_phonepickup", "time_first_call_taking_keystroke",
             "call_date_time", "call_datetime", "call_time_stamp", "call_timestamp", "datetime",
             "date_time", "timestamp", "time_stamp", "incident_datetime", "incident_date_time",
             "event_datetime", "event_date_time", "create_time", "create_datetime",
             "create_time_incident", "created_at", "created_datetime", "created_time", "entry_time",
             "entry_datetime", "time_create", "timecreate", "time_created", "open_time",
             "opened_at", "start_time", "start_datetime", "reported_at", "reported_datetime",
             "date_reported", "report_datetime", "original_time_queued", "call_created",
             "response_date", "call_date", "create_date", "incident_date", "event_date",
             "date_received", "received_date", "date", "time_in", "alarm_datetime", "time",
             "fecha_y_hora", "fecha_hora", "fecha_y_hora_de_recepcion", "fecha_hora_recepcion",
             "hora_de_recepcion", "hora_recepcion", "fecha_de_recepcion", "fecha_recepcion",
             "recepcion", "recibido", "recibida", "fecha_de_la_llamada", "fecha_de_llamada",
             "fecha_llamada", "fecha"),
        ),
        Column(
            "received_date", "date", "local date", False, "Date, where date and time of day are in two columns.",
            ("incident_date", "call_date", "event_date", "date", "response_date", "create_date",
             "date_received", "fecha_de_recepcion", "fecha_recepcion", "fecha_de_la_llamada",
             "fecha_de_llamada", "fecha_llamada", "fecha"),
        ),
        Column(
            "received_time", "time of day", "HH:MM[:SS]", False, "Time of day, with `received_date`.",
            ("incident_time", "call_time", "event_time", "time", "time_of_day",
             "response_time_of_day", "create_time", "time_received", "hora_de_recepcion",
             "hora_recepcion", "hora_de_la_llamada", "hora_de_llamada", "hora_llamada", "hora"),
        ),
        Column(
            "dispatched_at", "time", "as received_at", False, "When the first unit was sent.",
            ("disp_ts", "dispatched", "dispatch_time", "dispatch_datetime", "dispatched_time",
             "dispatch_dttm", "dispatch_ts", "first_dispatch", "first_dispatch_time",
             "first_unit_dispatched", "time_dispatched", "time_dispatch", "timedispatch",
             "disp_time", "first_unit_assigned", "time_first_unit_assigned", "first_assigned",
             "assigned_time", "date_time_dispatched", "dispatch_date_time", "dispatched_datetime",
             "dispatched_date_time", "time_assigned", "dispatch_date", "dispatch", "assigned",
             "first_unit_sent", "sent", "hora_de_despacho", "hora_despacho", "fecha_de_despacho",
             "fecha_despacho", "fecha_hora_despacho", "despacho", "despachado", "despachada",
             "hora_de_asignacion", "hora_asignacion", "asignado"),
        ),
        Column(
            "en_route_at", "time", "as received_at", False,
            "When the unit that was first on scene drove off.",
            ("en_route", "en_route_time", "en_route_datetime", "en_route_ts", "en_route_dttm",
             "time_en_route", "first_unit_en_route", "time_first_unit_en_route", "responding_time",
             "responding", "hora_en_camino", "en_camino", "hora_en_ruta", "en_ruta"),
        ),
        Column(
            "arrived_at", "time", "as received_at", False, "When the first unit was on scene.",
            ("arrivd_ts", "arrived", "arrive_time", "arrival_time", "arrival_datetime",
             "arrived_time", "arrival_ts", "first_arrival", "first_arrival_time",
             "first_unit_arrived", "time_first_unit_arrived", "on_scene", "on_scene_time",
             "onscene_time", "onscene", "on_scene_datetime", "on_scene_dttm", "time_arrived",
             "time_arrival", "timearrive", "time_on_scene", "first_on_scene", "at_scene_time",
             "at_scene", "arrived_datetime", "arrived_date_time", "arrival_date_time",
             "date_time_arrived", "arrive_datetime", "arrive", "arrival",
             "hora_de_llegada", "hora_llegada", "fecha_de_llegada", "fecha_llegada",
             "fecha_hora_llegada", "llegada", "hora_de_arribo", "hora_arribo", "arribo",
             "en_escena", "en_el_lugar", "en_sitio"),
        ),
        Column(
            "left_scene_at", "time", "as received_at", False,
            "When a unit left the scene with the person, for a facility.",
            ("left_scene", "leave_scene", "left_scene_time", "time_left_scene", "depart_scene",
             "departed_scene", "departed_scene_at", "depart_scene_time", "transport_started",
             "transport_start", "transport_begin", "transporting_time", "time_transporting",
             "unit_left_scene", "transport_ts", "transport_dttm", "transport_datetime",
             "en_route_hospital", "enroute_hospital"),
        ),
        Column(
            "at_facility_at", "time", "as received_at", False,
            "When it was at the facility: a hospital, a center, a jail.",
            ("at_facility", "arrived_facility", "at_hospital", "at_hospital_time",
             "arrived_hospital", "arrive_hospital", "arrived_at_hospital", "hospital_arrival",
             "time_at_hospital", "at_destination", "arrived_destination", "at_destination_time",
             "arrived_at_destination", "destination_arrival", "transport_arrived",
             "at_hospital_dttm", "unit_arrived_at_hospital"),
        ),
        Column(
            "cleared_at", "time", "as received_at", False, "When the last unit was free again.",
            ("closng_ts", "cleared", "clear_time", "cleared_time", "clear_datetime",
             "clearance_time", "cleared_ts", "closing_ts", "closed", "closed_at", "close_time",
             "closed_time", "close_datetime", "closed_datetime", "time_closed", "time_clear",
             "time_cleared", "timeclosed", "last_clear", "last_unit_cleared",
             "time_last_unit_cleared", "time_call_closed", "call_cleared", "cleared_datetime",
             "cleared_date_time", "date_time_cleared", "end_time", "available_time",
             "time_available", "completed_time", "clear", "close", "available", "completed",
             "complete_time", "time_completed", "hora_de_cierre", "hora_cierre", "fecha_de_cierre",
             "fecha_cierre", "fecha_hora_cierre", "cierre", "cerrado", "hora_de_liberacion",
             "hora_liberacion", "liberado", "liberada", "hora_de_termino", "hora_termino",
             "hora_fin", "finalizado"),
        ),
        Column(
            "nature", "text", "the agency's code or words", True,
            "What the call is about; the program maps it to a class.",
            ("radio_code", "call_type_code", "type_code", "nature_code", "event_type_code",
             "incident_type_code", "final_case_type", "final_call_type", "final_event_type",
             "final_incident_type", "call_type", "calltype", "type_of_call", "nature_of_call",
             "call_nature", "nature_of_incident", "incident_type", "incident_nature", "event_type",
             "cfs_type", "problem", "problem_type", "problem_code", "complaint_type",
             "complaint_code", "problem_nature", "initial_call_type", "initial_type",
             "original_call_type", "initial_case_type", "signal", "signal_code", "tycod",
             "type_description", "call_type_description", "incident_type_description",
             "event_type_description", "typ_desc", "nature_description", "call_description",
             "event_description", "title", "type", "code", "category", "call_category",
             "description", "desc", "call_type_desc", "type_desc", "incident_type_desc",
             "event_type_desc", "nature_desc", "problem_description", "problem_desc",
             "final_call_type_description", "initial_call_type_description", "reason_for_call",
             "call_reason", "tipo_de_llamada", "tipo_de_incidente", "tipo_llamada",
             "tipo_incidente", "tipo_de_evento", "tipo_evento", "tipo_de_emergencia",
             "tipo_emergencia", "tipo_de_servicio", "tipo_servicio", "naturaleza",
             "naturaleza_de_la_llamada", "clasificacion", "motivo", "motivo_de_la_llamada", "tipo",
             "probleme"),
        ),
        Column(
            "nature_words", "text", "", False, "The nature in words, shown beside codes that no class covers.",
            ("typ_desc", "type_description", "call_type_description", "incident_type_description",
             "event_type_description", "nature_description", "call_description",
             "event_description", "description", "desc", "call_type_desc", "type_desc",
             "incident_type_desc", "event_type_desc", "nature_desc", "problem_desc"),
        ),
        Column(
            "channel", "text", "911, 988, officer, ...", False, "How the call came in.",
            ("call_source", "source", "call_channel", "source_of_call", "how_received",
             "howreceived", "reported_by", "method_received", "received_via", "call_method",
             "cip_source", "origen", "origen_de_la_llamada", "canal", "medio"),
        ),
        Column(
            "priority", "text", "", False, "The agency's priority.",
            ("call_priority", "priority_code", "priority_description", "final_priority",
             "initial_priority", "pri", "event_priority", "incident_priority", "priority_level",
             "cfs_priority", "cip_jobs", "prioridad"),
        ),
        Column(
            "unit_id", "text", "", False, "The unit or crew that answered: of several, the one that was on scene first.",
            ("unit", "unit_number", "unit_no", "unit_num", "unit_name", "unit_code", "unitid",
             "primary_unit", "primary_unit_id", "first_unit", "first_unit_on_scene",
             "first_unit_arrived_id", "responding_unit", "responding_unit_id", "unit_assigned",
             "assigned_unit", "unit_dispatched", "dispatched_unit", "unit_responding", "call_sign",
             "callsign", "radio_number", "radio_name", "vehicle_id", "apparatus", "apparatus_id",
             "crew", "crew_id", "team", "team_id", "unidad", "unidad_asignada", "patrulla"),
        ),
        *_PLACE_COLUMNS,
        _ADDRESS,
    ),
    (("a time", (("received_at",), ("received_date", "received_time"))), _PLACE_OR_ADDRESS),
    '{flags} (in study.toml: {pairs} under [calls.columns])',
)  # fmt: skip

# How map programs name the number of a row, least lasting first.
ROW_IDS = (
    "objectid", "object_id", "objectid_1", "objectid_12", "fid", "fid_1", "globalid", "global_id",
    "esri_oid", "oid", "gid", "ogc_fid", "osmid", "osm_id", "index",
)  # fmt: skip

POSTS = TableSpec(
    "posts",
    "One row a place where a responder may wait.",
    (
        Column(
            "post_id", "text", "", False, "Id of the post, used by deployments; made from number or name if absent.",
            ("station_id", "facility_id", "site_id", "hospital_id", "base_id", "location_id", "id"),
        ),
        Column(
            "number", "text", "", False, "The station's own number.",
            ("station_number", "station_no", "station_num", "station_nbr", "station #", "stn",
             "number", "num", "no"),
        ),
        Column(
            "row_id", "text", "", False,
            "What a map program numbers rows by: an id only where there is no other, and another "
            "one after the next export.",
            ROW_IDS,
        ),
        _ADDRESS,
        Column(
            "name", "text", "", False, "Shown to people; the address, where there is none.",
            ("post_name", "station_name", "facility_name", "facname", "hospital_name", "site_name",
             "title", "label", "facility", "station", "nombre", "estacion", "str_name",
             "street_name", "street"),
        ),
        Column(
            "kind", "text", "", False,
            "Kind of post; a program may bind a responder type to kinds.",
            ("post_kind", "post_type", "station_type", "facility_type", "factype", "site_type",
             "amenity", "type", "category", "tipo", "tipo_de_estacion"),
        ),
        Column(
            "at_most", "count", "responders", False, "Most responders that can wait there.",
            ("capacity", "max_units", "max_responders", "bays", "parking", "limit", "capacidad"),
        ),
        Column(
            "agency", "text", "", False, "Agency that its units are of, if a study has [agencies]; blank: its district's.",
            ("agency_name", "department", "jurisdiction"),
        ),
        *_PLACE_COLUMNS,
    ),
    (_PLACE_OR_ADDRESS,),
    "call {names} in the file (or in study.toml, in its entry under [posts]: columns = {{ {pairs} }})",
)  # fmt: skip

DISTRICTS = TableSpec(
    "districts",
    "One polygon a district whose residents' service is compared.",
    (
        Column(
            "district_id", "text", "", False, "Id of the district; polygons of one id are joined.",
            ("geoid", "geoid20", "geoid10", "stfid", "precinct", "precinct_id", "district",
             "district_number", "dist_num", "district_no", "dist", "pct", "sector", "beat",
             "beat_id", "division", "ward", "ward_id", "zone", "zone_id", "tract", "tractce",
             "tract_id", "bg_id", "neighborhood_id", "nta_code", "ntacode", "zip_code", "zipcode",
             "zip", "zcta", "council_district", "coun_dist", "borough", "area_id", "distrito", "zona", "colonia",
             "barrio", "id", "objectid", "fid"),
        ),
        Column(
            "name", "text", "", False, "Shown to people.",
            ("district_name", "precinct_name", "neighborhood", "neighbourhood", "nta_name",
             "ntaname", "ward_name", "beat_name", "sector_name", "division_name", "area_name",
             "namelsad", "label", "title", "boro_name", "nombre"),
        ),
        Column(
            "population", "number", "residents", False, "Residents, where known.",
            tuple(name for name in _RESIDENTS if name not in {"total", "people", "persons"}),
        ),
    ),
)  # fmt: skip

POPULATION = TableSpec(
    "population",
    "One row an area, or a point, with the people who live there.",
    (
        Column(
            "residents", "number", "residents", True, "How many people live there.", ("population",
            *_RESIDENTS),
        ),
        *_PLACE_COLUMNS,
    ),
    (_PLACE,),
    'call {names} in the file (or in study.toml: column = "..." of the section that names the '
    'file)',
)  # fmt: skip

DEPLOYMENT = TableSpec(
    "deployment",
    "One row a responder type at a post on a shift pattern.",
    (
        Column(
            "responder_type", "text", "", True, "A responder type of the program.",
            ("type", "responder", "unit_type", "team_type", "kind", "tipo"),
        ),
        Column("post_id", "text", "", True, "Id of a post.", ("post", "station_id", "station",
            "site_id", "base", "location", "estacion", "puesto")),
        Column(
            "shift_pattern", "text", "", False,
            "A shift pattern of the type; may be left out where the type has one.",
            ("shift", "pattern", "hours", "turno"),
        ),
        Column(
            "count", "count", "responders", False, "How many; 1 if absent.",
            ("number", "units", "n", "responders", "quantity", "cantidad", "unidades"),
        ),
    ),
)  # fmt: skip

ALL_SPECS = (CALLS, POSTS, DISTRICTS, POPULATION, DEPLOYMENT)
