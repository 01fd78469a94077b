// All parts, under one name.
export * from "./basics";
export * from "./bigtable";
export * from "./decide";
export * from "./dialog";
export * from "./form";
export * from "./plot";
export * from "./table";
export * from "./tabs";
export * from "./toast";
